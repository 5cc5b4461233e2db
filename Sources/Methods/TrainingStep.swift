// One step of any method: solve the views, one pass over all of them, the loss, the counts, one backward pass.

import Attacks
import Classification
import Fairness
import Tensors

/// What a step leaves behind besides the gradient.
package struct StepReport: Sendable {
  /// Own examples, their predictions in the training pass, the targets drawn.
  package var counts: ClassCounts
  /// Σ loss over the examples of each own shard.
  package var shardLosses: [Double]
  /// Σ of the predicted probabilities of own examples by class, K·K parts (`PredictionSums`); none where not asked for.
  package var predictions: [Int64] = []
  /// Seconds of wall time.
  package var attackSeconds: Double
  package var trainingSeconds: Double
}

extension TrainingMethod {
  /// Makes the gradient of the mean loss of the global batch: this rank's leaves, left with `context.gradients`.
  ///
  /// Called by every rank for every batch, also where the rank holds no example of it.
  ///
  /// - Parameter sumsPredictions: whether the probabilities of the counted view are summed by class.
  package func step(
    _ batch: TrainingBatch, _ fairness: FairnessState, _ context: StepContext, sumsPredictions: Bool = false
  ) throws -> StepReport {
    let start = monotonicSeconds()
    context.counts.reset()
    context.beginPredictions(sumsPredictions)
    let facts = BatchFacts(labelCounts: batch.labelCounts, fairness.settings)
    context.setGoals(batch, fairness)
    context.begin()
    for view in views {
      switch view {
      case .clean: context.add(batch.images)
      case .attacked(let problem): try context.solve(problem, batch, fairness.settings, facts)
      }
    }
    let attacked = monotonicSeconds()

    context.drawPaths(batch)
    try context.train(batch.slice.seen(in: passViews)) { z, example, dz, scale in
      let label = batch.labels[example]
      context.keepConfusion(z[counted], of: example)
      context.counts.record(label: label, prediction: CrossEntropy.prediction(z[counted], classes: z.classes))
      if sumsPredictions { context.addPrediction(z[counted], label) }
      return loss.evaluate(z, label: label, fairness.settings[label], facts, gradient: dz, scale: scale)
    }
    return StepReport(
      counts: context.counts, shardLosses: context.shardLosses, predictions: context.predictions,
      attackSeconds: attacked - start,
      trainingSeconds: monotonicSeconds() - attacked)
  }
}
