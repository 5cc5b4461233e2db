// A network with values, mode and batch: what an attack sees.

import Classification
import Tensors

/// A network as a differentiable classifier, for one choice of statistics and one batch at a time.
package final class NetworkClassifier: DifferentiableClassifier {
  package let network: any Network
  /// Weights and running statistics; the latter move in mode `.batchUpdatingRunning`.
  package var state: ModelState
  package let mode: BatchStatistics
  /// The batch of the next pass.
  package var slice: BatchSlice

  package init(_ network: any Network, _ state: ModelState, _ mode: BatchStatistics, _ slice: BatchSlice) {
    self.network = network
    self.state = state
    self.mode = mode
    self.slice = slice
  }

  package var classCount: Int { network.classCount }

  package func logits(of images: Tensor) throws -> Tensor { try network.forward(images, &state, mode, slice) }

  package func imageGradient(of dLogits: Tensor) throws -> Tensor {
    try network.backward(dLogits, state, mode, slice, gradients: nil)
  }
}
