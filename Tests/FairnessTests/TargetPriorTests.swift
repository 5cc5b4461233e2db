// The prior against the paper's statements, its draws against their distribution.

import Fairness
import Foundation
import Tensors
import Testing

@Suite struct TargetPriorTests {
  /// Counts of 100 errors with given false positives.
  func counts(falsePositives: [Int64]) -> ClassCounts {
    let classCount = falsePositives.count
    let errors = falsePositives.reduce(0, +)
    let examples = [Int64](repeating: errors, count: classCount)
    return classCounts(
      examples: examples, correct: [0] + examples.dropFirst(), falsePositives: falsePositives)
  }

  @Test func softmaxOfTheReleasedCode() throws {
    // CFPS of 0.25 and 0.03 differ by exp(0.44) = 1.55 under softmax(2·CFPS), by 8.33 under the paper's reading.
    let scores: [Int64] = [25, 3, 9, 9, 9, 9, 9, 9, 9, 9]
    let softmax = try #require(TargetPriorRule(name: "cfp-softmax")).prior(for: counts(falsePositives: scores))
    #expect(abs(softmax.probabilities[0] / softmax.probabilities[1] - 1.5527) < 1e-4)
    #expect(abs(softmax.probabilities.reduce(0, +) - 1) < 1e-15)
    // By the definition, with the C library's exp.
    let powers = scores.map { exp(2 * Double($0) / 100) }
    for (q, power) in zip(softmax.probabilities, powers) { #expect(abs(q - power / powers.reduce(0, +)) < 1e-15) }
    let cfp = try #require(TargetPriorRule(name: "cfp")).prior(for: counts(falsePositives: scores))
    #expect(cfp.probabilities == [0.25, 0.03, 0.09, 0.09, 0.09, 0.09, 0.09, 0.09, 0.09, 0.09])
    #expect(softmax.entropy > cfp.entropy && softmax.entropy < log(10))
  }

  @Test func noErrorsAtAllAreUniform() {
    let perfect = classCounts(examples: [5, 5, 5, 5], correct: [5, 5, 5, 5], falsePositives: [0, 0, 0, 0])
    for name in TargetPriorRule.names where name != TargetPriorRule.sample {
      #expect(TargetPriorRule(name: name)?.prior(for: perfect) == .uniform(classCount: 4), "\(name)")
    }
    #expect(TargetPriorRule.uniform.prior(for: counts(falsePositives: [100, 0])).probabilities == [0.5, 0.5])
    #expect(TargetPriorRule(name: "cfps") == nil && TargetPriorRule(name: TargetPriorRule.sample) == nil)
  }

  /// Where P(t = k | y) has its seams, by hand.
  @Test func conditionalRows() {
    let prior = TargetPrior(probabilities: [0.5, 0.25, 0.125, 0.125])
    let end: Double = 1 - 0x1p-53
    #expect([0, 0.499, 0.5, 0.749, 0.75, end].map { prior.draw(label: 0, uniform: $0) } == [1, 1, 2, 2, 3, 3])
    let seams = [0.5 / 0.875, 0.75 / 0.875]
    let near = [0, seams[0] - 1e-9, seams[0] + 1e-9, seams[1] - 1e-9, seams[1] + 1e-9, end]
    #expect(near.map { prior.draw(label: 2, uniform: $0) } == [0, 0, 1, 1, 3, 3])
    let uniform = TargetPrior.uniform(classCount: 5)
    #expect([0, 0.24, 0.26, 0.51, 0.76, end].map { uniform.draw(label: 1, uniform: $0) } == [0, 0, 2, 3, 4, 4])
  }

  /// Weights of an example, which need not sum to 1: the conditional rows are the same.
  @Test func weightsOfAnExample() {
    let end: Double = 1 - 0x1p-53
    let weights: [Float] = [4, 2, 1, 1]
    let draws = weights.withUnsafeBufferPointer { weights in
      [0, 0.499, 0.5, 0.749, 0.75, end].map { TargetPrior.draw(weights, label: 0, uniform: $0) }
    }
    #expect(draws == [1, 1, 2, 2, 3, 3])
    let nothing: [Float] = [0, 0, 0, 0]
    let uniform = nothing.withUnsafeBufferPointer { weights in
      [0, 0.34, 0.67, end].map { TargetPrior.draw(weights, label: 2, uniform: $0) }
    }
    #expect(uniform == [0, 1, 3, 3])
  }

  @Test func degenerateRowIsUniformOverTheOthers() {
    let prior = TargetPriorRule.cfp.prior(for: counts(falsePositives: [0, 100, 0, 0]))
    #expect(prior.probabilities == [0, 1, 0, 0])
    let end: Double = 1 - 0x1p-53
    let degenerate = [0, 0.3, 0.34, 0.66, 0.67, end].map { prior.draw(label: 1, uniform: $0) }
    #expect(degenerate == [0, 0, 2, 2, 3, 3])
    let certain = [0, 0.5, end].map { prior.draw(label: 3, uniform: $0) }
    #expect(certain == [1, 1, 1])
    // A temperature so low that all but one power underflow comes to the same.
    let cold = TargetPriorRule.cfpSoftmax(temperature: 1e-4).prior(for: counts(falsePositives: [10, 80, 10]))
    #expect(cold.probabilities == [0, 1, 0])
    #expect([0, 0.49, 0.51, end].map { cold.draw(label: 1, uniform: $0) } == [0, 0, 2, 2])
  }

  @Test func twoClassesHaveOneTarget() {
    for probabilities in [[0.5, 0.5], [1, 0], [0, 1]] {
      let prior = TargetPrior(probabilities: probabilities)
      for uniform in [0, 0.5, 1 - 0x1p-53] {
        #expect(prior.draw(label: 0, uniform: uniform) == 1)
        #expect(prior.draw(label: 1, uniform: uniform) == 0)
      }
    }
  }

  /// Neither the label nor a class of probability 0, at both ends of [0, 1) and at every seam of the distribution.
  @Test(arguments: [10, 100]) func neverTheLabel(classCount: Int) {
    let stream = RandomStream(seed: 11, purpose: .test)
    var scores = (0..<classCount).map { Int64(stream.integer(below: 7, at: $0)) }
    scores[0] = 0
    scores[classCount - 1] = 0
    let prior = TargetPriorRule.cfp.prior(for: counts(falsePositives: scores))
    for label in 0..<classCount {
      var seams: [Double] = [0, 1 - 0x1p-24, 1 - 0x1p-53]
      var sum = 0.0
      // No class has all errors.
      for (k, q) in prior.probabilities.enumerated() where k != label {
        sum += q / (1 - prior.probabilities[label])
        seams += [sum.nextDown, sum, sum.nextUp].filter { $0 >= 0 && $0 < 1 }
      }
      for uniform in seams {
        let target = prior.draw(label: label, uniform: uniform)
        #expect(target != label && scores[target] > 0)
      }
    }
  }

  /// Frequencies against the conditional row, and against redrawing until the target differs, as the reference code does.
  @Test(arguments: [0, 3, 9]) func frequencies(label: Int) {
    let q = [0.30, 0.02, 0.08, 0.25, 0.05, 0.10, 0.04, 0.06, 0.07, 0.03]
    let prior = TargetPrior(probabilities: q)
    let draws = 40_000
    var observed = [Double](repeating: 0, count: 10)
    var redrawn = observed
    for example in 0..<draws {
      let stream = RandomStream(seed: 5, purpose: .target, epoch: 1, example: example)
      observed[prior.draw(label: label, uniform: Double(stream.uniform(at: 0)))] += 1
      var position = 1
      var target = label
      while target == label {
        var left = Double(stream.uniform(at: position))
        target =
          q.firstIndex { p in
            left -= p
            return left < 0
          } ?? 9
        position += 1
      }
      redrawn[target] += 1
    }
    #expect(observed[label] == 0)
    var statistic = 0.0
    var twoSample = 0.0
    for k in 0..<10 where k != label {
      let expected = Double(draws) * q[k] / (1 - q[label])
      statistic += (observed[k] - expected) * (observed[k] - expected) / expected
      twoSample += (observed[k] - redrawn[k]) * (observed[k] - redrawn[k]) / (observed[k] + redrawn[k])
    }
    // Chi-square with 8 degrees of freedom exceeds 26.1 once in a thousand times.
    #expect(statistic < 26.1)
    #expect(twoSample < 26.1)
  }
}
