// What `fairtat-dist analyze` found of one or several models: numbers alone, all of which follow from integers that are the same on any
// number of ranks.

/// The analyses of models under attacks, as `analysis.json` has them.
package struct Analysis: Encodable, Equatable, Sendable {
  /// Projected gradient descent of so many steps; where nothing else is said, adversaries are its.
  package let steps: Int
  /// The radius in L∞, pixels in [0, 1].
  package let epsilon: Double
  /// Models by the order they were named in.
  package let models: [ModelAnalysis]
  /// Who is fooled by whose adversaries; nil for a single model, and where models do not judge the same images.
  package let transfer: Transfer?

  package init(steps: Int, epsilon: Double, models: [ModelAnalysis], transfer: Transfer?) {
    self.steps = steps
    self.epsilon = epsilon
    self.models = models
    self.transfer = transfer
  }

  /// The attack's name in tables.
  package var attack: String { "PGD-\(steps)" }

  private enum CodingKeys: String, CodingKey { case attack, steps, epsilon, models, transfer }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(attack, forKey: .attack)
    try container.encode(steps, forKey: .steps)
    try container.encode(epsilon, forKey: .epsilon)
    try container.encode(models, forKey: .models)
    try container.encodeIfPresent(transfer, forKey: .transfer)
  }
}

/// Accuracies under the adversaries of other models.
package struct Transfer: Encodable, Equatable, Sendable {
  /// Row A, column B: accuracy of model B on the adversaries of model A; on the diagonal each model's own robust accuracy.
  package let accuracy: [[Double]]
  /// The same of the worst class.
  package let worst: [[Double]]

  /// - Parameter matrices: row A, column B: what B takes adversaries of A for; none empty.
  package init(_ matrices: [[ConfusionMatrix]]) {
    accuracy = matrices.map { $0.map { $0.accuracy ?? 0 } }
    worst = matrices.map { $0.map { $0.worst ?? 0 } }
  }
}
