import Fairness
import Foundation
import Testing

/// Intervals of the bootstrap against what theory says of proportions.
@Suite struct BootstrapTests {
  /// `count` examples of two classes in turn, of which those in `right` are right as they are and those in `robust` under attack.
  private static func verdicts(_ count: Int, right: Range<Int>, robust: Range<Int>) -> Verdicts {
    var verdicts = Verdicts(labels: (0..<count).map { $0 % 2 }, classCount: 2, attacks: ["pgd"])
    for example in 0..<count {
      let label = example % 2
      verdicts.record(clean: right ~= example ? label : 1 - label, of: example)
      verdicts.record(robust ~= example ? label : 1 - label, after: 0, of: example)
    }
    return verdicts
  }

  /// The proportion p of n has the standard error sqrt(p (1 - p) / n), and 1.96 of them to each side for 95 %.
  @Test(arguments: [(400, 200), (1000, 300), (2000, 1800)])
  func aProportionHasItsBinomialInterval(count: Int, right: Int) {
    let intervals = Bootstrap.intervals(Self.verdicts(count, right: 0..<right, robust: 0..<right / 2))
    for (interval, part) in [(intervals[.clean], right), (intervals[.robust], right / 2)] {
      let p = Double(part) / Double(count)
      let half = 1.96 * (p * (1 - p) / Double(count)).squareRoot()
      #expect(abs((interval.upper - interval.lower) / (2 * half) - 1) < 0.12)
      #expect(abs((interval.upper + interval.lower) / 2 - p) < 0.15 * half)
    }
    #expect(intervals.level == 0.95)
  }

  /// The worst of two equally good classes is worse than both, on average; of one class alone it is that class.
  @Test func theWorstClassLiesLow() {
    let intervals = Bootstrap.intervals(Self.verdicts(1000, right: 0..<500, robust: 0..<500))
    let middle = (intervals[.cleanWorst].lower + intervals[.cleanWorst].upper) / 2
    // The expected minimum of two independent normals of deviation s is s / sqrt(pi) below their mean.
    let deviation = (0.25 / 500).squareRoot()
    #expect(abs((0.5 - middle) / (deviation / Double.pi.squareRoot()) - 1) < 0.4)
  }

  @Test func whatIsCertainHasNoWidth() {
    let intervals = Bootstrap.intervals(Self.verdicts(300, right: 0..<300, robust: 0..<0))
    #expect(intervals[.clean].lower == 1 && intervals[.clean].upper == 1)
    #expect(intervals[.robust].lower == 0 && intervals[.robust].upper == 0)
    #expect(intervals[.robustWorst].upper == 0)
  }

  /// Two models that differ on 40 of 1000 images: paired, the standard error is that of those 40, sqrt(0.04 · 0.96 / 1000), which two
  /// independent intervals would not say.
  @Test func aDifferenceIsOfTheSameImages() {
    let better = Self.verdicts(1000, right: 0..<540, robust: 0..<300)
    let worse = Self.verdicts(1000, right: 0..<500, robust: 0..<300)
    let intervals = Bootstrap.differences(better, worse)
    let half = 1.96 * (0.04 * 0.96 / 1000).squareRoot()
    #expect(abs((intervals[.clean].upper - intervals[.clean].lower) / (2 * half) - 1) < 0.15)
    #expect(intervals[.clean].lower > 0)
    #expect(intervals[.robust].lower == 0 && intervals[.robust].upper == 0)
    let reverse = Bootstrap.differences(worse, better)
    #expect(reverse[.clean].lower == -intervals[.clean].upper)
  }
}
