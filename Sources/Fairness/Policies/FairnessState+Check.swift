// Whether a state that comes from a file can be that of a run. What is let through here must not trip training later.

extension FairnessState {
  /// More than any epoch has examples, and so few that sums over classes stay integers.
  private static let largestCount: Int64 = 1 << 46

  /// What no run can have written, in a few words; nil where all is well.
  package var fault: String? {
    let count = settings.classCount
    if epoch < 0 { return "the epoch is \(epoch)" }
    guard count >= 2, prior.classCount == count, epochCounts.classCount == count, intervalCounts.classCount == count
    else {
      return "settings of \(count) classes, a prior of \(prior.classCount), counts of \(epochCounts.classCount) and "
        + "\(intervalCounts.classCount)"
    }
    for (k, row) in settings.rows.enumerated() {
      let numbers = [row.epsilon, row.stepSize, row.lossWeight, row.beta]
      if !numbers.allSatisfy({ $0.isFinite && $0 >= 0 }) || !(0...65_535).contains(row.steps) {
        return "the setting of class \(k) is none: \(row)"
      }
    }
    let lengths = [count, count + 1, count * count]
    for (name, values) in memory.sorted where !values.allSatisfy({ abs($0) <= 1e18 }) || !lengths.contains(values.count)
    {
      return "\(name) is none of its policy: \(values.count) numbers, or one out of range"
    }
    let sum = prior.probabilities.reduce(0, +)
    if !prior.probabilities.allSatisfy({ (0...1).contains($0) }) || abs(sum - 1) > 1e-6 {
      return "the prior holds no probabilities, or they sum to \(sum)"
    }
    return Self.fault(of: epochCounts).map { "\($0) of the epoch" }
      ?? Self.fault(of: intervalCounts).map { "\($0) of the interval" }
  }

  private static func fault(of counts: ClassCounts) -> String? {
    if !counts.flat.allSatisfy({ (0...largestCount).contains($0) }) { return "a count is out of range" }
    if zip(counts.correct, counts.examples).contains(where: { $0 > $1 }) { return "more hits than examples" }
    // What is not predicted right is a false positive of some class.
    let wrong = counts.total - counts.totalCorrect
    return counts.falsePositives.reduce(0, +) == wrong ? nil : "hits and false positives do not sum to the examples"
  }
}
