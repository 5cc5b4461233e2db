// A training method: one rank's shards of examples to the leaves of one gradient.

import Fairness

/// What a step leaves behind besides the gradient.
package struct StepReport: Sendable {
  /// Own examples, their predictions in the training pass, the targets drawn.
  package var counts: ClassCounts
  /// Σ loss over the examples of each own shard.
  package var shardLosses: [Double]
  /// Seconds of wall time.
  package var attackSeconds: Double
  package var trainingSeconds: Double
}

/// Adversarial training, FAIR-TAT, TRADES, ...
package protocol TrainingMethod: Sendable {
  /// Makes the gradient of the mean loss of the global batch: this rank's leaves, left with `context.gradients`.
  ///
  /// Called by every rank for every batch, also where the rank holds no example of it.
  func step(_ batch: TrainingBatch, _ fairness: FairnessState, _ context: StepContext) throws -> StepReport
  /// Whether classes start out with targeted adversaries.
  var isTargeted: Bool { get }
}

/// Every method a recipe can name.
package let methods: [(name: String, summary: String, method: any TrainingMethod)] = [
  ("at", "adversarial training: untargeted PGD (Madry et al. 2018)", AdversarialTraining(isTargeted: false)),
  (
    "fairtat", "FAIR-TAT: PGD toward targets drawn from the classes' false positives",
    AdversarialTraining(isTargeted: true)
  ),
]
