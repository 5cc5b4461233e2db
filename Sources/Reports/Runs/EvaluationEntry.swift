// The results of one evaluation, as an epoch line has them.

/// Accuracies in [0, 1]; nil where a line does not have them.
package struct EvaluationEntry: Codable, Equatable, Sendable {
  package let cleanAccuracy: Double?
  package let robustAccuracy: Double?
  package let cleanWorst: Double?
  package let robustWorst: Double?
  /// Per class; nil within for a class without examples.
  package let classClean: [Double?]?
  package let classRobust: [Double?]?

  private enum CodingKeys: String, CodingKey {
    case cleanAccuracy = "clean_accuracy"
    case robustAccuracy = "robust_accuracy"
    case cleanWorst = "clean_worst"
    case robustWorst = "robust_worst"
    case classClean = "class_clean"
    case classRobust = "class_robust"
  }
}
