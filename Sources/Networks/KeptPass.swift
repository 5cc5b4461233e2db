// Which forward pass a network remembers: what the backward pass reads is that pass's.

import Classification

/// The identity of a forward pass whose activations are kept.
struct KeptPass {
  let model: Model
  let mode: BatchStatistics
  let slice: BatchSlice

  /// Whether a backward pass with these arguments is this pass's.
  func isOf(_ model: Model, _ mode: BatchStatistics, _ slice: BatchSlice) -> Bool {
    self.model === model && self.mode == mode && self.slice == slice
  }
}
