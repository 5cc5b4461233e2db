// A network with values, mode and batch: what an attack sees.

import Classification
import Tensors

/// A network as a differentiable classifier, for one batch and one choice of statistics.
package final class NetworkClassifier: DifferentiableClassifier {
  package let network: any Network
  /// Running statistics move in mode `.batchUpdatingRunning`; take the state back when done.
  package var state: ModelState
  package let mode: BatchStatistics
  package let slice: BatchSlice

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
