// How the examples of one class are attacked and weighted in training.

/// One row of `ClassSettings`.
package struct ClassSetting: Codable, Equatable, Sendable {
  /// Whether the attack moves toward a drawn target instead of away from the label.
  package var targeted: Bool
  /// The radius of the ball, in units of [0, 1] pixels.
  package var epsilon: Float
  /// Attack iterations.
  package var steps: Int
  /// The length of one iteration, in units of [0, 1] pixels.
  package var stepSize: Float
  /// The factor of the example's loss.
  package var lossWeight: Float
  /// The weight of the regularisation in TRADES-like losses.
  package var beta: Float

  package init(
    targeted: Bool, epsilon: Float, steps: Int, stepSize: Float, lossWeight: Float = 1, beta: Float = 6
  ) {
    self.targeted = targeted
    self.epsilon = epsilon
    self.steps = steps
    self.stepSize = stepSize
    self.lossWeight = lossWeight
    self.beta = beta
  }
}
