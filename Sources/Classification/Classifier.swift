// What attacks and losses know of a model: logits, and the gradient in its images. Nothing of layers.

import Tensors

/// What a black-box attack may ask of a model.
package protocol Classifier {
  /// K, the number of classes.
  var classCount: Int { get }

  /// The (N, K) scores before the softmax of images (N, H, W, 3) in [0, 1]. Valid until the next call.
  func logits(of images: Tensor) throws -> Tensor
}

/// What a white-box attack may ask of a model.
package protocol DifferentiableClassifier: Classifier {
  /// dL/dx, (N, H, W, 3), for the images of the last call of `logits`, given dL/dlogits (N, K). Valid until the next call.
  ///
  /// With batch statistics L is the sum over the whole global batch, whichever ranks hold it.
  func imageGradient(of dLogits: Tensor) throws -> Tensor
}
