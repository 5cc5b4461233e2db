// The numbers every evaluation reports, under the names that the logs promise.

/// Clean and robust accuracy, overall, worst class and per class; all in [0, 1].
///
/// Clean and robust worst class are ranked independently of each other.
package struct EvaluationResult: Codable, Equatable, Sendable {
  private let accuracies: Accuracies<Double>
  /// A_k of clean images; nil (`null`) for a class without examples.
  package let classClean: [Double?]
  /// A_k of adversarial images; nil (`null`) for a class without examples.
  package let classRobust: [Double?]

  private enum CodingKeys: String, CodingKey {
    case classClean = "class_clean"
    case classRobust = "class_robust"
  }

  /// The numbers of two matrices of the same K, neither of them empty.
  package init(clean: ConfusionMatrix, robust: ConfusionMatrix) {
    precondition(clean.classCount == robust.classCount, "matrices of different classes")
    accuracies = Accuracies { figure in
      let value =
        switch figure {
        case .clean: clean.accuracy
        case .cleanWorst: clean.worst
        case .robust: robust.accuracy
        case .robustWorst: robust.worst
        }
      guard let value else { preconditionFailure("an evaluation without examples has no result") }
      return value
    }
    classClean = clean.classAccuracy
    classRobust = robust.classAccuracy
  }

  package subscript(_ figure: AccuracyFigure) -> Double { accuracies[figure] }

  package init(from decoder: any Decoder) throws {
    accuracies = try Accuracies(from: decoder)
    let container = try decoder.container(keyedBy: CodingKeys.self)
    classClean = try container.decode([Double?].self, forKey: .classClean)
    classRobust = try container.decode([Double?].self, forKey: .classRobust)
  }

  package func encode(to encoder: any Encoder) throws {
    try accuracies.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(classClean, forKey: .classClean)
    try container.encode(classRobust, forKey: .classRobust)
  }
}
