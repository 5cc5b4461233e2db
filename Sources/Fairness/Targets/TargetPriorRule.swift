// How counts become the prior q from which targets are drawn.
//
//   cfp          q_k = CFPS_k                        the paper's reading (FAIR-TAT, arXiv 2410.23142)
//   cfp-softmax  q = softmax(CFPS / temperature)     the released code, which has temperature 0.5: softmax(2·CFPS)
//   uniform      q_k = 1 / K                         the paper's ablation
//
// `sample`, which recipes name as well, makes no prior of counts: each example has its own (SampleConfusion).
//
// The softmax is close to uniform: scores of 0.25 and 0.03 differ by a factor of exp(0.44) = 1.55 only.

import Tensors

/// A rule that makes a target prior of class counts.
package enum TargetPriorRule: Equatable, Sendable {
  case cfp
  case cfpSoftmax(temperature: Double)
  case uniform

  /// What recipes call a prior of each example.
  package static let sample = "sample"

  /// The names of recipes.
  package static let names = ["cfp", "cfp-softmax", "uniform", sample]

  /// The rule of a recipe's name; nil for `sample`, and if there is none. Temperature, above 0, matters to `cfp-softmax`
  /// alone.
  package init?(name: String, temperature: Double = 0.5) {
    switch name {
    case "cfp": self = .cfp
    case "cfp-softmax": self = .cfpSoftmax(temperature: temperature)
    case "uniform": self = .uniform
    default: return nil
    }
  }

  /// q of these counts; uniform where there is no error at all.
  package func prior(for counts: ClassCounts) -> TargetPrior {
    let uniform = TargetPrior.uniform(classCount: counts.classCount)
    guard let scores = counts.falsePositiveScores else { return uniform }
    switch self {
    case .cfp: return TargetPrior(probabilities: scores)
    case .cfpSoftmax(let temperature): return TargetPrior(probabilities: Self.softmax(scores, temperature))
    case .uniform: return uniform
    }
  }

  private static func softmax(_ scores: [Double], _ temperature: Double) -> [Double] {
    precondition(temperature > 0, "a temperature above 0 expected")
    let largest = scores.max() ?? 0
    let powers = scores.map { Exponential.value(($0 - largest) / temperature) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }
}
