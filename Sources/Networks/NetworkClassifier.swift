// A network with values, mode and batch: what an attack sees.

import Classification
import Tensors

/// A network as a differentiable classifier, for one choice of statistics and precision and one batch at a time.
package final class NetworkClassifier: DifferentiableClassifier {
  package let network: any Network
  /// Weights and running statistics; the latter move in mode `.batchUpdatingRunning`.
  package let state: Model
  package var mode: BatchStatistics
  /// What its passes multiply in.
  package let precision: Precision
  /// The batch of the next pass, where its examples share statistics; with running ones each stands alone, and a pass may
  /// hold any of them.
  package var slice: BatchSlice
  /// The number of the forward pass that the last logits came from.
  private var pass = 0

  package init(
    _ network: any Network, _ state: Model, _ mode: BatchStatistics, _ slice: BatchSlice,
    _ precision: Precision = .float32
  ) {
    self.network = network
    self.state = state
    self.mode = mode
    self.slice = slice
    self.precision = precision
  }

  package var classCount: Int { network.classCount }

  package func logits(of images: Tensor) throws -> Tensor {
    if mode == .running && images.shape.n != slice.imageCount { slice = BatchSlice(whole: images.shape.n) }
    let logits = try network.forward(images, state, mode, slice, precision)
    pass = network.passes
    return logits
  }

  package func imageGradient(of dLogits: Tensor) throws -> Tensor {
    precondition(pass == network.passes, "the network has made another forward pass since")
    return try network.backward(dLogits, state, mode, slice, precision, gradients: nil)
  }
}
