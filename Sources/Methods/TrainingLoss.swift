// What the loss of an example depends on: its logits in all views, the row of its class, a few facts of the global batch.

import Fairness

/// The logits of one example in each view, or their gradients.
package struct ViewLogits {
  private let first: UnsafeMutablePointer<Float>
  private let stride: Int
  /// K.
  package let classes: Int

  /// - Parameters:
  ///   - first: the K numbers of the first view.
  ///   - stride: from one view to the next.
  package init(_ first: UnsafeMutablePointer<Float>, stride: Int, classes: Int) {
    self.first = first
    self.stride = stride
    self.classes = classes
  }

  /// The K numbers of a view.
  package subscript(view: Int) -> UnsafeMutablePointer<Float> { first + view * stride }
}

/// What a loss may know of the global batch; every rank knows all labels of it, so this takes no exchange.
package struct BatchFacts: Sendable {
  /// B, the examples of all ranks.
  package let size: Int
  /// Σ over the examples of their class's loss weight, and of its beta.
  package let lossWeight: Double, beta: Double
  /// The largest radius of an example.
  package let largestEpsilon: Float

  /// - Parameter labelCounts: the examples of each class in the global batch.
  package init(labelCounts: [Int], _ settings: ClassSettings) {
    var (size, lossWeight, beta, epsilon) = (0, 0.0, 0.0, Float(0))
    for (k, count) in labelCounts.enumerated() where count > 0 {
      let row = settings[k]
      size += count
      lossWeight += Double(count) * Double(row.lossWeight)
      beta += Double(count) * Double(row.beta)
      epsilon = max(epsilon, row.epsilon)
    }
    (self.size, self.lossWeight, self.beta, largestEpsilon) = (size, lossWeight, beta, epsilon)
  }
}

/// The loss of a method.
package protocol TrainingLoss: Sendable {
  /// L_i of an example; a batch's loss is their mean.
  ///
  /// - Parameters:
  ///   - row: of the example's class.
  ///   - dz: overwritten in all views by scale · dL_i/dz.
  func evaluate(
    _ z: ViewLogits, label: Int, _ row: ClassSetting, _ batch: BatchFacts, gradient dz: ViewLogits, scale: Float
  ) -> Float

  /// The same with smoothed labels in its cross-entropy; nil for a loss that has no such form.
  ///
  /// - Parameter smoothing: in 0..<1.
  func smoothed(_ smoothing: Float) -> (any TrainingLoss)?
}

extension TrainingLoss {
  package func smoothed(_ smoothing: Float) -> (any TrainingLoss)? { nil }
}
