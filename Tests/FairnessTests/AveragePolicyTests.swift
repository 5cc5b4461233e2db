// When EMA and FAWA take in weights: CFA's rule at its edges.

import Fairness
import Testing

@Suite struct AveragePolicyTests {
  let fawa = AveragePolicy.fawa(start: 50, threshold: 0.2)

  /// Ten classes of 100 validation images, as CIFAR-10 has them; class 3 is the worst.
  func validation(worst: Int) -> ConfusionMatrix {
    var correct = [Int](repeating: 60, count: 10)
    correct[3] = worst
    return confusion(correct: correct, examples: [Int](repeating: 100, count: 10))
  }

  @Test func emaTakesAllFromItsStart() {
    let ema = AveragePolicy.ema(start: 50)
    #expect(ema.step(epoch: 49, accepted: 0, robust: nil) == .skip)
    #expect(ema.step(epoch: 50, accepted: 0, robust: nil) == .copy)
    #expect(ema.step(epoch: 51, accepted: 1, robust: validation(worst: 0)) == .blend)
    #expect(!ema.needsValidation(epoch: 60))
  }

  @Test func fawaTakesWhatIsFairEnough() {
    #expect(fawa.step(epoch: 49, accepted: 0, robust: validation(worst: 50)) == .skip)
    #expect(fawa.step(epoch: 50, accepted: 0, robust: validation(worst: 19)) == .skip)
    #expect(fawa.step(epoch: 51, accepted: 0, robust: validation(worst: 20)) == .copy)
    #expect(fawa.step(epoch: 52, accepted: 1, robust: validation(worst: 21)) == .blend)
    #expect(fawa.step(epoch: 53, accepted: 2, robust: validation(worst: 0)) == .skip)
    #expect(fawa.step(epoch: 54, accepted: 2, robust: nil) == .skip)
    #expect(fawa.step(epoch: 54, accepted: 2, robust: ConfusionMatrix(classCount: 10)) == .skip)
    #expect(fawa.needsValidation(epoch: 50) && !fawa.needsValidation(epoch: 49))
  }

  @Test func hundredClassesGoByTheirWorstTenth() {
    let examples = [Int](repeating: 10, count: 100)
    var correct = [Int](repeating: 5, count: 100)
    // Ten classes at 2 of 10: exactly the threshold, though 0.2 added ten times stays below 2.
    for k in 0..<10 { correct[9 * k] = 2 }
    #expect(fawa.step(epoch: 60, accepted: 0, robust: confusion(correct: correct, examples: examples)) == .copy)
    correct[0] = 1
    #expect(fawa.step(epoch: 60, accepted: 0, robust: confusion(correct: correct, examples: examples)) == .skip)
    // The minimum alone does not decide: 0, and nine at 3 of 10, are 0.27.
    for k in 0..<10 { correct[9 * k] = 3 }
    correct[0] = 0
    #expect(fawa.step(epoch: 60, accepted: 0, robust: confusion(correct: correct, examples: examples)) == .copy)
  }
}
