// What a clean pass over corrupted test images came to, per corruption, severity and class.
//
//   A_k of a corruption = TP_k / N_k over all severities pooled, as FAIR-TAT counts its 50,000 rows; its worst class is that of
//   `WorstClasses`. Then the means over corruptions: of the 18 of the paper, as far as they are there.

import Corruptions
import Fairness

/// The results of `evaluate --corruptions`; the counts are exact and the same on any number of ranks.
package struct CorruptionEvaluation: Encodable, Equatable, Sendable {
  /// A corruption at one severity.
  package struct AtSeverity: Encodable, Equatable, Sendable {
    package let severity: Int
    package let count: Int64
    package let accuracy: Double
    package let classCount: [Int64], classCorrect: [Int64]

    init(_ severity: Int, _ matrix: ConfusionMatrix) {
      self.severity = severity
      count = matrix.total
      accuracy = matrix.accuracy ?? 0
      classCount = matrix.examples
      classCorrect = matrix.correct
    }

    private enum CodingKeys: String, CodingKey {
      case severity, count, accuracy
      case classCount = "class_count"
      case classCorrect = "class_correct"
    }
  }

  /// A corruption, all severities pooled.
  package struct Row: Encodable, Equatable, Sendable {
    package let name: String
    package let count: Int64
    package let accuracy: Double
    package let worst: Double
    package let classCount: [Int64], classCorrect: [Int64]
    /// A_k; nil (`null`) for a class without examples.
    package let classAccuracy: [Double?]
    package let severities: [AtSeverity]

    /// - Parameter matrices: by severity, none empty, at least one.
    package init(_ name: String, _ matrices: [(severity: Int, matrix: ConfusionMatrix)]) {
      var pooled = ConfusionMatrix(classCount: matrices[0].matrix.classCount)
      for (_, matrix) in matrices { pooled.add(matrix) }
      self.name = name
      count = pooled.total
      accuracy = pooled.accuracy ?? 0
      worst = pooled.worst ?? 0
      classCount = pooled.examples
      classCorrect = pooled.correct
      classAccuracy = pooled.classAccuracy
      severities = matrices.map { AtSeverity($0.severity, $0.matrix) }
    }

    private enum CodingKeys: String, CodingKey {
      case name, count, accuracy, worst, severities
      case classCount = "class_count"
      case classCorrect = "class_correct"
      case classAccuracy = "class_accuracy"
    }
  }

  package let corruptions: [Row]
  /// Of how many corruptions the means are.
  package let meanOf: Int
  /// Nil where none of them is of the paper.
  package let meanAccuracy: Double?, meanWorst: Double?
  /// Whose weights these are; nil where that is known otherwise.
  package var subject: EvaluationSubject?

  package init(_ corruptions: [Row]) {
    self.corruptions = corruptions
    let counted = corruptions.filter { CorruptionCatalog.isInMean($0.name) }
    func mean(_ value: (Row) -> Double) -> Double? {
      counted.isEmpty ? nil : counted.reduce(0) { $0 + value($1) } / Double(counted.count)
    }
    meanOf = counted.count
    meanAccuracy = mean(\.accuracy)
    meanWorst = mean(\.worst)
  }

  private enum CodingKeys: String, CodingKey {
    case corruptions
    case subject = "model"
    case meanOf = "mean_of"
    case meanAccuracy = "mean_accuracy"
    case meanWorst = "mean_worst"
  }
}
