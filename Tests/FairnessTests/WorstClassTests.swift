// Which classes are the worst, and what their accuracy is: of those that have examples only.

import Fairness
import Testing

@Suite struct WorstClassTests {
  @Test func aTenthOfThoseThatHaveExamples() {
    #expect([0, 1, 10, 99, 100, 199, 200, 1000].map(WorstClasses.count) == [0, 1, 1, 1, 10, 19, 20, 100])
    // Accuracies 1/100 ... 100/100, shuffled by a step of 37: the ten lowest have mean 5.5 %.
    let correct = (0..<100).map { $0 * 37 % 100 + 1 }
    #expect(confusion(correct: correct, examples: [Int](repeating: 100, count: 100)).worst == 0.055)
    // Of 99 classes the minimum.
    #expect(
      confusion(correct: Array(correct.dropFirst()), examples: [Int](repeating: 100, count: 99)).worst == 0.02)
    // Unequal sizes: the mean of accuracies, not of examples. 200 classes at 1/2, two of them at 1/4 and 1/8.
    var (right, sizes) = ([Int](repeating: 4, count: 200), [Int](repeating: 8, count: 200))
    (right[3], sizes[3]) = (1, 4)
    right[7] = 1
    #expect(confusion(correct: right, examples: sizes).worst == (0.125 + 0.25 + 18 * 0.5) / 20)
  }

  /// 150 declared, 120 with examples: twelve, and the minimum of 1000 declared with ten.
  @Test func declaredClassesWithoutExamplesTakeNoPart() {
    var (right, sizes) = ([Int](repeating: 0, count: 150), [Int](repeating: 0, count: 150))
    for k in 0..<120 { (right[k], sizes[k]) = (k, 200) }
    // 0 ... 11 of 200.
    #expect(confusion(correct: right, examples: sizes).worst == 66.0 / (12 * 200))
    let accuracies = zip(right, sizes).map { $1 == 0 ? nil : Double($0) / Double($1) }
    #expect(WorstClasses.indices(accuracies) == Array(0..<12))
    (right, sizes) = ([Int](repeating: 0, count: 1000), [Int](repeating: 0, count: 1000))
    for k in 0..<10 { (right[100 * k], sizes[100 * k]) = (10 + 3 * k, 40) }
    let matrix = confusion(correct: right, examples: sizes)
    let result = EvaluationResult(clean: matrix, robust: matrix)
    #expect(result[.cleanWorst] == 0.25 && result[.robustWorst] == 0.25)
    // (10 + 13 + ... + 37) / 400
    #expect(result[.clean] == 235.0 / 400)
  }

  @Test func tiesGoToTheLowerCleanAccuracy() {
    let robust: [Double?] = [0.5, 0.25, nil, 0.25, 0.25]
    #expect(WorstClasses.indices(robust) == [1])
    #expect(WorstClasses.indices(robust, clean: [0.1, 0.875, nil, 0.75, 0.75]) == [3])
    #expect(WorstClasses.order(robust, clean: [0.1, 0.875, nil, 0.75, 0.75]) == [3, 4, 1, 0])
    // A hundred classes that all fail under attack: the ten worst on clean images.
    let clean = (0..<100).map { Double(($0 * 7 + 3) % 100) / 100 }
    let worst = WorstClasses.indices([Double?](repeating: 0, count: 100), clean: clean)
    #expect(worst.map { clean[$0] } == (0..<10).map { Double($0) / 100 })
    #expect(WorstClasses.indices([nil, nil]) == [])
  }

  /// One class of 10,000 images that are all wrong, 99 of ten that are all right: the worst ten have (0 + 9) / 10, the images
  /// 990 / 10,990.
  @Test func aTenthAboveTheMeanOfAllIsSaid() throws {
    var (right, sizes) = ([Int](repeating: 10, count: 100), [Int](repeating: 10, count: 100))
    (right[7], sizes[7]) = (0, 10_000)
    let unequal = confusion(correct: right, examples: sizes)
    right[7] = 10_000
    let perfect = confusion(correct: right, examples: sizes)
    let both = try #require(EvaluationWarning.unequalClasses(clean: unequal, robust: unequal))
    #expect(both.kind == .unequalClasses)
    #expect(both.text.contains("(clean 90.0 % against 9.01 %, robust 90.0 % against 9.01 %)"), "\(both.text)")
    #expect(both.text.contains("10 to 10000"))
    let robust = try #require(EvaluationWarning.unequalClasses(clean: perfect, robust: unequal))
    #expect(robust.text.contains("(robust 90.0 % against 9.01 %)"))
    #expect(EvaluationWarning.unequalClasses(clean: perfect, robust: perfect) == nil)
    // Of 99 classes the minimum, which is above nothing.
    let few = confusion(
      correct: [0] + [Int](repeating: 10, count: 98), examples: [10_000] + [Int](repeating: 10, count: 98))
    #expect(EvaluationWarning.unequalClasses(clean: few, robust: few) == nil)
    // A third of each, whose mean is rounded otherwise than the whole.
    let thirds = (1...100).map { 3 * $0 }
    let even = confusion(correct: thirds.map { $0 / 3 }, examples: thirds)
    #expect(EvaluationWarning.unequalClasses(clean: even, robust: even) == nil)
  }

  /// The class that has no validation image has no say in FAWA.
  @Test func fawaGoesByTheClassesThatAreKnown() {
    let fawa = AveragePolicy.fawa(start: 0, threshold: 0.5)
    #expect(fawa.step(epoch: 0, accepted: 0, robust: confusion(correct: [3, 0, 2], examples: [4, 0, 4])) == .copy)
    #expect(fawa.step(epoch: 0, accepted: 0, robust: confusion(correct: [3, 0, 2], examples: [4, 1, 4])) == .skip)
  }
}
