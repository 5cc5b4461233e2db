// L = w_y · CE(f(x'), y): the loss of all methods that train on one view.

import Classification
import Fairness

/// Cross-entropy times the weight of the class.
package struct WeightedCrossEntropy: TrainingLoss {
  /// Of the labels.
  var smoothing: Float = 0

  package func evaluate(
    _ z: ViewLogits, label: Int, _ row: ClassSetting, _ batch: BatchFacts, gradient dz: ViewLogits, scale: Float
  ) -> Float {
    row.lossWeight
      * CrossEntropy.evaluate(
        z[0], classes: z.classes, label: label, gradient: dz[0], scale: scale * row.lossWeight,
        smoothing: smoothing)
  }

  package func smoothed(_ smoothing: Float) -> (any TrainingLoss)? { WeightedCrossEntropy(smoothing: smoothing) }
}
