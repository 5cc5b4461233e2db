// The numbers every evaluation reports, under the names that the logs promise.

/// Clean and robust accuracy, overall, worst class and per class; all in [0, 1].
///
/// Clean and robust worst class are ranked independently of each other.
package struct EvaluationResult: Codable, Equatable, Sendable {
  package let cleanAccuracy: Double
  package let robustAccuracy: Double
  package let cleanWorst: Double
  package let robustWorst: Double
  /// A_k of clean images; nil (`null`) for a class without examples.
  package let classClean: [Double?]
  /// A_k of adversarial images; nil (`null`) for a class without examples.
  package let classRobust: [Double?]

  private enum CodingKeys: String, CodingKey {
    case cleanAccuracy = "clean_accuracy"
    case robustAccuracy = "robust_accuracy"
    case cleanWorst = "clean_worst"
    case robustWorst = "robust_worst"
    case classClean = "class_clean"
    case classRobust = "class_robust"
  }

  /// The numbers of two matrices of the same K, neither of them empty.
  package init(clean: ConfusionMatrix, robust: ConfusionMatrix) {
    precondition(clean.classCount == robust.classCount, "matrices of different classes")
    guard let cleanAccuracy = clean.accuracy, let cleanWorst = clean.worst, let robustAccuracy = robust.accuracy,
      let robustWorst = robust.worst
    else { preconditionFailure("an evaluation without examples has no result") }
    self.cleanAccuracy = cleanAccuracy
    self.robustAccuracy = robustAccuracy
    self.cleanWorst = cleanWorst
    self.robustWorst = robustWorst
    classClean = clean.classAccuracy
    classRobust = robust.classAccuracy
  }
}
