// How far accuracies may be off because the images are a sample: percentile intervals of the bootstrap (Efron, 1979).
//
// From N examples N are drawn with replacement, R times; each draw has its accuracies, and an interval of 95 % lies between their
// quantiles at 2.5 % and 97.5 %. Two models are judged on the same draws, so that the interval of a difference knows that both saw the
// same images. Draws are addressed by (replicate, position): the same verdicts have the same intervals everywhere.
//
// The least of several accuracies is biased: a draw's worst class is on average worse than the worst class. Intervals of worst
// classes lie low for that reason.

import Tensors

/// The bounds of a number.
package struct Interval: Codable, Equatable, Sendable {
  package let lower: Double, upper: Double

  /// - Precondition: not empty.
  init(ofSorted values: [Double], level: Double) {
    lower = Quantiles.value((1 - level) / 2, ofSorted: values)
    upper = Quantiles.value((1 + level) / 2, ofSorted: values)
  }

  package init(from decoder: any Decoder) throws {
    var container = try decoder.unkeyedContainer()
    lower = try container.decode(Double.self)
    upper = try container.decode(Double.self)
  }

  /// As `[lower, upper]`.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.unkeyedContainer()
    try container.encode(lower)
    try container.encode(upper)
  }
}

/// One interval for each of the four accuracies, or for each of their differences.
package struct AccuracyIntervals: Codable, Equatable, Sendable {
  /// The share of samples whose interval holds the truth.
  package let level: Double
  private let intervals: Accuracies<Interval>

  private enum CodingKeys: String, CodingKey {
    case level
  }

  init(level: Double, _ intervals: Accuracies<Interval>) {
    self.level = level
    self.intervals = intervals
  }

  package subscript(_ figure: AccuracyFigure) -> Interval { intervals[figure] }

  package init(from decoder: any Decoder) throws {
    level = try decoder.container(keyedBy: CodingKeys.self).decode(Double.self, forKey: .level)
    intervals = try Accuracies(from: decoder)
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(level, forKey: .level)
    try intervals.encode(to: encoder)
  }
}

/// Draws examples anew.
package enum Bootstrap {
  package static let level = 0.95
  package static let replicates = 1000

  /// The intervals of a model's accuracies.
  ///
  /// - Precondition: there are examples.
  package static func intervals(_ verdicts: Verdicts) -> AccuracyIntervals {
    intervals(draws(of: verdicts))
  }

  /// The intervals of `first`'s accuracies less those of `second`.
  ///
  /// - Precondition: the same labels, and not none.
  package static func differences(_ first: Verdicts, _ second: Verdicts) -> AccuracyIntervals {
    precondition(first.examples.map(\.label) == second.examples.map(\.label), "verdicts of different images")
    return intervals(
      zip(draws(of: first), draws(of: second)).map { first, second in Accuracies { first[$0] - second[$0] } })
  }

  private static func intervals(_ draws: [Accuracies<Double>]) -> AccuracyIntervals {
    AccuracyIntervals(
      level: level, Accuracies { figure in Interval(ofSorted: draws.map { $0[figure] }.sorted(), level: level) })
  }

  private static func draws(of verdicts: Verdicts) -> [Accuracies<Double>] {
    let examples = verdicts.examples
    precondition(!examples.isEmpty, "an evaluation without examples has no result")
    let labels = examples.map { Int($0.label) }
    // Of each example: counted, right as it is, right after all attacks.
    let counts = examples.map { SIMD4<Int64>(1, $0.clean == $0.label ? 1 : 0, $0.isRobust ? 1 : 0, 0) }
    return (0..<replicates).map { replicate in
      let stream = RandomStream(seed: 0, purpose: .bootstrap, example: replicate)
      var sums = [SIMD4<Int64>](repeating: .zero, count: verdicts.classCount)
      stream.forEachWord(examples.count) { _, word in
        let example = Int((UInt64(word) &* UInt64(examples.count)) >> 32)
        sums[labels[example]] &+= counts[example]
      }
      return accuracies(sums, count: examples.count)
    }
  }

  /// - Parameter sums: one a class, as `draws` counts them.
  private static func accuracies(_ sums: [SIMD4<Int64>], count: Int) -> Accuracies<Double> {
    let all = sums.reduce(.zero, &+)
    func worst(_ place: Int) -> Double {
      WorstClasses.accuracy(correct: sums.map { $0[place] }, examples: sums.map { $0[0] }) ?? 0
    }
    return Accuracies { figure in
      switch figure {
      case .clean: Double(all[1]) / Double(count)
      case .robust: Double(all[2]) / Double(count)
      case .cleanWorst: worst(1)
      case .robustWorst: worst(2)
      }
    }
  }
}
