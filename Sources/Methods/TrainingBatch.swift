// What a method is given for one step.

import Classification
import Tensors

/// The examples that a rank holds of a global batch, augmented.
package struct TrainingBatch: Sendable {
  /// (n, H, W, 3) in [0, 1].
  package let images: Tensor
  package let labels: [Int]
  /// The position of each example in the training set: the address of its randomness.
  package let examples: [Int]
  /// The examples of each class in the global batch, all ranks together.
  package let labelCounts: [Int]
  package let slice: BatchSlice
  package let epoch: Int

  package init(
    images: Tensor, labels: [Int], examples: [Int], labelCounts: [Int], slice: BatchSlice, epoch: Int
  ) {
    precondition(images.shape.n == labels.count && labels.count == examples.count && slice.count == labels.count)
    self.images = images
    self.labels = labels
    self.examples = examples
    self.labelCounts = labelCounts
    self.slice = slice
    self.epoch = epoch
  }
}
