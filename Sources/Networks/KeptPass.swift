// Which forward pass a network remembers: what the backward pass reads is that pass's.

import Classification
import Tensors

/// The identity of a forward pass whose activations are kept.
struct KeptPass {
  /// The memory of the weights; which weights they are is told by where they lie, never by their values.
  let weights: Storage
  let mode: BatchStatistics
  let slice: BatchSlice

  /// Whether a backward pass with these arguments is this pass's.
  func isOf(_ state: ModelState, _ mode: BatchStatistics, _ slice: BatchSlice) -> Bool {
    weights === state.parameters.values.storage && self.mode == mode && self.slice == slice
  }
}
