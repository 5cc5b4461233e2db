// What `evaluate --corruptions --json` wrote, as far as tables need it. Its counts are read, and the accuracies computed anew from
// them, as those of an attack's evaluation are: an accuracy that is not that of its counts is seen by nobody otherwise.

import Corruptions
import Fairness

/// Accuracies under common corruptions.
struct CorruptionResults: Decodable, Sendable {
  /// One corruption, all severities pooled.
  struct Row: Decodable, Sendable {
    let name: String
    let severities: [Severity]

    /// Classified correctly, and images, of each class.
    var classCorrect: [Int64] { pooled(\.classCorrect) }
    var classCount: [Int64] { pooled(\.classCount) }
    var accuracy: Double { Self.sum(classCorrect) / Self.sum(classCount) }
    /// In the sense of `WorstClasses`.
    var worst: Double { WorstClasses.accuracy(correct: classCorrect, examples: classCount) ?? 0 }

    private func pooled(_ counts: (Severity) -> [Int64]) -> [Int64] {
      severities.dropFirst().reduce(into: counts(severities[0])) { sums, severity in
        for (k, count) in counts(severity).enumerated() { sums[k] += count }
      }
    }

    /// Not of integers, which a file's may be too many for.
    fileprivate static func sum(_ counts: [Int64]) -> Double { counts.reduce(0) { $0 + Double($1) } }
  }

  /// A corruption at a severity.
  struct Severity: Decodable, Sendable {
    let severity: Int
    let count: Int64
    let classCorrect: [Int64], classCount: [Int64]

    private enum CodingKeys: String, CodingKey {
      case severity, count
      case classCorrect = "class_correct"
      case classCount = "class_count"
    }
  }

  let corruptions: [Row]
  let subject: EvaluationSubject?

  private enum CodingKeys: String, CodingKey {
    case corruptions
    case subject = "model"
  }

  /// Those of the paper, which the means are of.
  private var counted: [Row] { corruptions.filter { CorruptionCatalog.isInMean($0.name) } }
  var meanOf: Int { counted.count }
  /// Nil where none of them is of the paper.
  var meanAccuracy: Double? { mean(\.accuracy) }
  var meanWorst: Double? { mean(\.worst) }

  private func mean(_ value: (Row) -> Double) -> Double? {
    counted.isEmpty ? nil : counted.reduce(0) { $0 + value($1) } / Double(counted.count)
  }

  /// Whether accuracies are over all five.
  var hasAllSeverities: Bool { corruptions.allSatisfy { $0.severities.map(\.severity).sorted() == [1, 2, 3, 4, 5] } }

  /// Of one corruption at one severity.
  var images: Int64 { corruptions.first?.severities.first?.count ?? 0 }

  /// What cannot be, to be asked before anything else; nil where all can.
  var fault: String? {
    var check = LineCheck()
    var known: Int?
    check.expect(Set(corruptions.map(\.name)).count == corruptions.count, "a corruption is there twice")
    for row in corruptions {
      let severities = row.severities.map(\.severity)
      check.expect(
        !severities.isEmpty && Set(severities).count == severities.count && severities.allSatisfy((1...5).contains),
        "the severities of \(row.name) are \(severities), not some of 1 to 5")
      for severity in row.severities {
        let place = "\(row.name) at severity \(severity.severity)"
        known = check.classes(
          [
            ("class_count of \(place)", severity.classCount.count),
            ("class_correct of \(place)", severity.classCorrect.count),
          ],
          known: known)
        check.counts(severity.classCount, "class_count of \(place)")
        check.counts(severity.classCorrect, "class_correct of \(place)")
        check.expect(
          zip(severity.classCorrect, severity.classCount).allSatisfy(<=),
          "more images of a class are right than there are, of \(place)")
        check.expect(
          severity.count > 0 && Row.sum(severity.classCount) == Double(severity.count),
          "count is \(severity.count), not the sum of class_count, of \(place)")
      }
    }
    return check.fault
  }
}
