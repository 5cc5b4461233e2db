// The order in which a network is called: reserve, prepare, forward, and a backward pass of that forward pass, whose activations
// are kept until the next one. Anything else is a programmer's mistake and stops the program.

import Classification
import Tensors

/// What a network has room for, and which pass it remembers.
struct PassOrder {
  /// Images and views that `reserve` made room for.
  private(set) var images = 0, views = 0
  /// Forward passes so far.
  private(set) var passes = 0
  /// The weights that are packed.
  private var prepared: Model?
  private var kept: (model: Model, mode: BatchStatistics, slice: BatchSlice, precision: Precision)?

  /// Takes note of what is to be reserved.
  ///
  /// - Returns: whether room is wanted for more images, and for more images or views, than there was.
  mutating func grow(images: Int, views: Int) -> (images: Bool, any: Bool) {
    let more = images > self.images
    let any = more || views > self.views
    if any { kept = nil }
    self.images = max(images, self.images)
    self.views = max(views, self.views)
    return (more, any)
  }

  mutating func prepare(_ state: Model, of network: some Network) {
    precondition(state.parameters.layout == network.parameters, "weights of another network")
    prepared = state
    kept = nil
  }

  /// Before a forward pass, which overwrites what was kept.
  mutating func beginForward(
    _ input: Tensor, _ state: Model, _ slice: BatchSlice, _ configuration: NetworkConfiguration
  ) {
    precondition(slice.imageCount <= images && slice.views.count <= views, "reserve(examples:) comes first")
    precondition(prepared === state, "prepare(_:) comes first, with these weights")
    precondition(
      input.shape == Shape(n: slice.imageCount, h: configuration.height, w: configuration.width, c: 3),
      "images of \(input.shape) for \(slice.imageCount)")
    kept = nil
  }

  mutating func endForward(_ state: Model, _ mode: BatchStatistics, _ slice: BatchSlice, _ precision: Precision) {
    kept = (state, mode, slice, precision)
    passes += 1
  }

  /// Before a backward pass.
  func checkBackward(
    _ dLogits: Tensor, _ state: Model, _ mode: BatchStatistics, _ slice: BatchSlice, _ precision: Precision,
    classes: Int
  ) {
    precondition(
      kept.map { $0.model === state && $0.mode == mode && $0.slice == slice && $0.precision == precision } ?? false,
      "a backward pass belongs to the last forward pass, with its weights")
    precondition(
      dLogits.shape == Shape(n: slice.imageCount, c: classes),
      "\(dLogits.shape) for the logits of \(slice.imageCount) images")
  }
}
