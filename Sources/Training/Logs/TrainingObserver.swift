// What a training run says while it goes on, and who listens: logs, checkpoints.

import Fairness

/// Seconds of a step on this rank.
package struct StepSeconds: Codable, Sendable {
  package var attack: Double
  package var training: Double
  /// BatchNorm's small exchanges, within the two above.
  package var statistics: Double
  package var reduction: Double
  /// For slower ranks, before the reduction.
  package var waiting: Double
}

/// What is known after a step.
package struct StepLine: Sendable {
  package let epoch: Int
  /// Steps so far, this one included.
  package let step: Int
  /// Mean loss of the global batch, before the step.
  package let loss: Double
  package let learningRate: Double
  /// Examples of the global batch, and those predicted right under attack.
  package let images: Int
  package let correct: Int64
  package let seconds: StepSeconds
  package let totalSeconds: Double
  /// What of them this rank did not spend in collectives, and its examples of the batch.
  package let ownSeconds: Double
  package let ownImages: Int
}

/// What is known after an epoch.
package struct EpochLine: Sendable {
  package let epoch: Int
  package let step: Int
  /// SHA-256 of the state, equal on all ranks.
  package let digest: String
  package let loss: Double
  package let record: FairnessRecord
  /// By weights: raw, ema, fawa.
  package let validation: [String: AttackEvaluation]
  package let test: [String: AttackEvaluation]
  /// How often each average took in weights.
  package let accepted: [String: Int]
  package let isBest: Bool
  package let isLast: Bool
}

/// Listens to a run; the same calls on every rank.
package protocol TrainingObserver: AnyObject {
  /// After a step, of so many in the epoch; false ends the run here.
  func stepEnded(_ line: StepLine, of steps: Int, _ state: TrainingState) throws -> Bool
  /// After an epoch; false ends the run here.
  func epochEnded(_ line: EpochLine, _ state: TrainingState) throws -> Bool
}
