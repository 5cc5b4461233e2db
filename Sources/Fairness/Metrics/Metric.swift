// A metric is a function of counts already summed over all ranks, so it is exact on any number of them.

/// A number computed from a confusion matrix.
package protocol Metric: Sendable {
  /// The metric's value; NaN where the matrix does not define it.
  func value(of confusion: ConfusionMatrix) -> Double
}
