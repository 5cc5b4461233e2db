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

  /// What a run cannot have written, if there is such a thing.
  var fault: String? {
    var check = LineCheck()
    check.place(epoch: epoch, step: step)
    check.number(loss, "loss")
    check.number(learningRate, "learning_rate", in: LineCheck.notNegative)
    for (name, value) in zip(PhaseSeconds.names, seconds?.values ?? []) {
      check.number(value, "seconds.\(name)", in: LineCheck.notNegative)
    }
    return check.fault
  }
}
