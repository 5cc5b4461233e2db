// Robust accuracy against the strength of an attack.

/// Accuracies under attacks that differ in one number.
package struct AttackCurve: Encodable, Equatable, Sendable {
  /// One attack.
  package struct Point: Encodable, Equatable, Sendable {
    /// Of the attack: its radius and the length of a step, pixels in [0, 1], and its steps.
    package let epsilon: Double, stepSize: Double
    package let steps: Int
    /// Accuracy of all images, and of the worst class.
    package let robustAccuracy: Double, robustWorst: Double
    /// A_k; nil (`null`) for a class without examples.
    package let classRobust: [Double?]

    /// - Parameter robust: of attacked images; not empty.
    package init(epsilon: Double, stepSize: Double, steps: Int, _ robust: ConfusionMatrix) {
      self.epsilon = epsilon
      self.stepSize = stepSize
      self.steps = steps
      robustAccuracy = robust.accuracy ?? 0
      robustWorst = robust.worst ?? 0
      classRobust = robust.classAccuracy
    }

    private enum CodingKeys: String, CodingKey {
      case epsilon, steps
      case stepSize = "step_size"
      case robustAccuracy = "robust_accuracy"
      case robustWorst = "robust_worst"
      case classRobust = "class_robust"
    }

    package func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(epsilon, forKey: .epsilon)
      try container.encode(stepSize, forKey: .stepSize)
      try container.encode(steps, forKey: .steps)
      try container.encode(robustAccuracy, forKey: .robustAccuracy)
      try container.encode(robustWorst, forKey: .robustWorst)
      try container.encode(classRobust, forKey: .classRobust)
    }
  }

  package let points: [Point]

  package init(_ points: [Point]) { self.points = points }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(points)
  }
}

extension EvaluationWarning {
  /// A line where a larger radius leaves more images right than a smaller one, by more than three deviations of a fair coin: what
  /// withstands in a ball withstands in every ball inside it, so the search in the larger one fails.
  ///
  /// Each radius is held against the one below it that left the fewest images right.
  /// - Parameter evaluations: of the same images in the same order, by growing radius; a radius as people read it, such as 8/255.
  package static func robustGrows(_ evaluations: [(radius: String, verdicts: Verdicts)]) -> EvaluationWarning? {
    guard var least = evaluations.first else { return nil }
    func right(_ verdicts: Verdicts) -> Int { verdicts.examples.count(where: \.isRobust) }
    for next in evaluations.dropFirst() {
      let pairs = zip(least.verdicts.examples, next.verdicts.examples)
      let won = pairs.count { !$0.isRobust && $1.isRobust }
      let lost = pairs.count { $0.isRobust && !$1.isRobust }
      if won > lost, (won - lost) * (won - lost) > 9 * (won + lost) {
        return EvaluationWarning(
          .robustGrows,
          "robust accuracy grows with epsilon: \(next.radius) leaves \(right(next.verdicts)) images right where "
            + "\(least.radius) leaves \(right(least.verdicts)), though its ball holds the other: gradients mislead on this "
            + "model; judge it by autoattack")
      }
      if right(next.verdicts) < right(least.verdicts) { least = next }
    }
    return nil
  }
}
