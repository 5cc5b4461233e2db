// A line `{"kind": "step", ...}` of `metrics.jsonl`, as far as pages need it.

/// What a run says after some of its steps; keys that a line does not have are nil.
package struct StepEntry: Decodable, Equatable, Sendable {
  /// From 0.
  package let epoch: Int
  /// From 1, over the whole run.
  package let step: Int
  package let loss: Double?
  package let learningRate: Double?
  /// Of this step.
  package let seconds: PhaseSeconds?

  private enum CodingKeys: String, CodingKey {
    case epoch, step, loss, seconds
    case learningRate = "learning_rate"
  }
}
