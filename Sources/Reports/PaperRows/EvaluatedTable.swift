// Which of the paper's tables of evaluations there are, by what they judge with.

import Fairness
import Recipes

/// A table, and which evaluations belong to it.
package enum EvaluatedTable: String, CaseIterable, Sendable {
  /// AutoAttack.
  case table2
  /// Square alone.
  case table3
  /// Common corruptions, a clean pass over images of five severities.
  case table4

  /// What stands above it.
  package var title: String {
    switch self {
    case .table2: "Table 2: AutoAttack, L∞ 8/255"
    case .table3: "Table 3: Square, 5000 queries, L∞ 8/255"
    case .table4: "Table 4: means over 18 common corruptions"
    }
  }

  /// What `evaluate` judges by.
  package var option: String {
    switch self {
    case .table2: "--attack autoattack"
    case .table3: "--attack square"
    case .table4: "--corruptions"
    }
  }

  /// Its figures with the titles of their columns.
  var columns: [(figure: AccuracyFigure, title: String)] {
    switch self {
    case .table2: AccuracyFigure.byImages.map { ($0, $0.heading("AutoAttack")) }
    case .table3: AccuracyFigure.byImages.map { ($0, $0.heading("Square")) }
    case .table4: [AccuracyFigure.robust, .robustWorst].map { ($0, $0.heading("corrupted")) }
    }
  }

  /// What the paper counts.
  static let corruptions = 18

  /// Why an evaluation is none of this table's; nil for one that is.
  func objection(to file: EvaluationFile) -> String? {
    switch (self, file.results) {
    case (.table2, .attack(let evaluation)):
      objection(evaluation.attack, "AutoAttack", evaluation.norm, evaluation.epsilon)
    case (.table3, .attack(let evaluation)):
      objection(evaluation.attack, "Square-5000", evaluation.norm, evaluation.epsilon)
    case (.table4, .corruptions(let results)):
      results.meanOf != Self.corruptions
        ? "it has \(results.meanOf) of the \(Self.corruptions) corruptions of the paper"
        : results.hasAllSeverities ? nil : "it has not all five severities of every corruption"
    case (.table4, .attack(let evaluation)): "it judges by \(evaluation.attack), \(rawValue) by corruptions"
    case (_, .corruptions): "it judges by corruptions, \(rawValue) by an attack"
    }
  }

  private func objection(_ attack: String, _ expected: String, _ norm: String?, _ epsilon: Double?) -> String? {
    guard attack == expected else { return "its attack is \(attack), that of \(rawValue) is \(expected)" }
    guard norm == nil else { return "its ball is that of \(norm ?? ""), that of \(rawValue) of L∞" }
    guard let epsilon, abs(epsilon - 8.0 / 255) < 1e-6 else {
      return "its epsilon is \(epsilon.map { Figures.short($0) } ?? "unknown"), that of \(rawValue) is 8/255"
    }
    return nil
  }
}
