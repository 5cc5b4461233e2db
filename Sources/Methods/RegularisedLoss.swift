// The loss of TRADES and its relatives:  L = a·CE(f(x), y) + b·KL(p(x) ‖ p(x')), a and b by class.

import Classification
import Fairness

/// a·CE(f(x), y) + b·KL(p(x) ‖ p(x')) of the row of the class.
package struct RegularisedLoss: TrainingLoss {
  /// How a and b follow from weight w and β of a class.
  package enum Form: Sendable {
    /// a = w, b = w·β: TRADES, and WAT, which weights both terms.
    case weighted
    /// a = w, b = β: DAFA, which weights the first term only.
    case weightedCrossEntropy
    /// a = 1 − b, b = β/(1 + β): CFA.
    case calibrated
    /// a = w·B/Σw, b = β·B/Σβ·regularisation, sums over the global batch: FRL, whose β are class weights.
    case normalised(regularisation: Float)
  }

  let form: Form
  /// The views of x and x'.
  let clean: Int, attacked: Int
  /// Of the labels in CE.
  private var smoothing: Float = 0

  package init(form: Form, clean: Int, attacked: Int) {
    self.form = form
    self.clean = clean
    self.attacked = attacked
  }

  func weights(_ row: ClassSetting, _ batch: BatchFacts) -> (a: Float, b: Float) {
    switch form {
    case .weighted: (row.lossWeight, row.lossWeight * row.beta)
    case .weightedCrossEntropy: (row.lossWeight, row.beta)
    case .calibrated: (1 - row.beta / (1 + row.beta), row.beta / (1 + row.beta))
    case .normalised(let regularisation):
      (
        Float(Double(row.lossWeight) * Double(batch.size) / batch.lossWeight),
        regularisation * Float(Double(row.beta) * Double(batch.size) / batch.beta)
      )
    }
  }

  package func evaluate(
    _ z: ViewLogits, label: Int, _ row: ClassSetting, _ batch: BatchFacts, gradient dz: ViewLogits, scale: Float
  ) -> Float {
    let (a, b) = weights(row, batch)
    let divergence = Divergence.evaluate(
      z[clean], z[attacked], classes: z.classes, gradients: dz[clean], dz[attacked], scale: scale * b)
    let loss = CrossEntropy.add(
      z[clean], classes: z.classes, label: label, to: dz[clean], scale: scale * a, smoothing: smoothing)
    return a * loss + b * divergence
  }

  package func smoothed(_ smoothing: Float) -> (any TrainingLoss)? {
    var loss = self
    loss.smoothing = smoothing
    return loss
  }
}
