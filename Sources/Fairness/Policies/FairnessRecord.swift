// What an epoch line of `metrics.jsonl` says about classes.

/// The counts of a closed epoch, and the prior and margins it was trained with.
///
/// Prior and margins are those in force when the epoch ended; with one interval per epoch, throughout it.
package struct FairnessRecord: Codable, Equatable, Sendable {
  package let epoch: Int
  /// N_k.
  package let classCount: [Int64]
  /// TP_k of the adversarial training batches.
  package let classCorrect: [Int64]
  /// FP_k of the adversarial training batches.
  package let falsePositives: [Int64]
  /// How often each class was drawn as a target.
  package let targets: [Int64]
  /// CFPS_k of this epoch, which drives the next one's prior; nil without errors.
  package let cfp: [Double]?
  /// q_k.
  package let prior: [Double]
  /// The entropy of q in nats.
  package let priorEntropy: Double
  /// epsilon_k in units of 1/255.
  package let margins255: [Float]
  /// The loss weights and betas of the classes, where not all have the same.
  package let lossWeights: [Float]?
  package let betas: [Float]?
  /// Which classes were targeted, where not all were, or none.
  package let targeted: [Bool]?

  private enum CodingKeys: String, CodingKey {
    case epoch
    case classCount = "class_count"
    case classCorrect = "class_correct"
    case falsePositives = "false_positives"
    case targets, cfp, prior
    case priorEntropy = "prior_entropy"
    case margins255, betas, targeted
    case lossWeights = "loss_weights"
  }

  /// The record of the epoch that `state` is about to close.
  init(_ state: FairnessState) {
    epoch = state.epoch
    classCount = state.epochCounts.examples
    classCorrect = state.epochCounts.correct
    falsePositives = state.epochCounts.falsePositives
    targets = state.epochCounts.targets
    cfp = state.epochCounts.falsePositiveScores
    prior = state.prior.probabilities
    priorEntropy = state.prior.entropy
    margins255 = state.settings.margins255
    func varied<Value: Hashable>(_ values: [Value]) -> [Value]? { Set(values).count > 1 ? values : nil }
    lossWeights = varied(state.settings.rows.map(\.lossWeight))
    betas = varied(state.settings.rows.map(\.beta))
    targeted = varied(state.settings.rows.map(\.targeted))
  }
}
