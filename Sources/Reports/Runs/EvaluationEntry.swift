// The results of one evaluation, as an epoch line has them.

import Fairness

/// Accuracies in [0, 1]; nil where a line does not have them.
package struct EvaluationEntry: Codable, Equatable, Sendable {
  private let accuracies: Accuracies<Double?>
  /// Per class; nil within for a class without examples.
  package let classClean: [Double?]?
  package let classRobust: [Double?]?

  private enum CodingKeys: String, CodingKey {
    case classClean = "class_clean"
    case classRobust = "class_robust"
  }

  package subscript(_ figure: AccuracyFigure) -> Double? { accuracies[figure] }

  package init(from decoder: any Decoder) throws {
    let figures = try decoder.container(keyedBy: AccuracyFigure.self)
    accuracies = try Accuracies { try figures.decodeIfPresent(Double.self, forKey: $0) }
    let container = try decoder.container(keyedBy: CodingKeys.self)
    classClean = try container.decodeIfPresent([Double?].self, forKey: .classClean)
    classRobust = try container.decodeIfPresent([Double?].self, forKey: .classRobust)
  }

  package func encode(to encoder: any Encoder) throws {
    var figures = encoder.container(keyedBy: AccuracyFigure.self)
    for figure in AccuracyFigure.allCases { try figures.encodeIfPresent(accuracies[figure], forKey: figure) }
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encodeIfPresent(classClean, forKey: .classClean)
    try container.encodeIfPresent(classRobust, forKey: .classRobust)
  }
}
