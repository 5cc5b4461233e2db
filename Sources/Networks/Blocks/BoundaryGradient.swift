// The gradient between two blocks, whose last step may wait for its reader:
//
//   dx = BatchNorm's gradient of dz (+ the gradient of the identity shortcut)
//
// needs BatchNorm's sums over the whole batch; whoever reads an image first makes it then, while the cache has the image
// for other reasons too. With running statistics nothing has to wait.

import Classification
import Kernels
import Tensors

/// A gradient in a block's input, in the making.
struct BoundaryGradient {
  /// What the last step needs.
  private struct Normalised {
    /// What was normalised, and by whom: its sums are complete.
    let x: Tensor
    let norm: BatchNormLayer
    /// The gradient that the identity shortcut adds.
    let skip: Tensor?
  }

  /// The gradient, or the masked one behind a normalisation; `finish` turns it into dx, in place.
  let tensor: Tensor
  private let slice: BatchSlice
  private let waiting: Normalised?

  /// One that is complete.
  init(_ tensor: Tensor, _ slice: BatchSlice) {
    self.tensor = tensor
    self.slice = slice
    waiting = nil
  }

  /// One behind the normalisation of x.
  ///
  /// - Parameter skip: the gradient that the identity shortcut adds. The block that finishes this one writes its own there,
  ///   when all images are finished.
  init(_ tensor: Tensor, x: Tensor, norm: BatchNormLayer, skip: Tensor?, _ slice: BatchSlice) {
    self.tensor = tensor
    self.slice = slice
    waiting = Normalised(x: x, norm: norm, skip: skip)
  }

  /// Makes dx of some images; once for each image.
  func finish(_ images: Range<Int>) {
    guard let waiting else { return }
    let (x, norm) = (waiting.x, waiting.norm)
    slice.forEachRun(of: images) { run, view in
      let first = run.lowerBound
      BatchNormGradient.inputGradient(
        tensor.image(first), x: x.image(first), norm.gradientCoefficients(view),
        adding: waiting.skip.map { UnsafePointer($0.image(first)) }, into: tensor.image(first),
        pixels: run.count * x.shape.h * x.shape.w, channels: x.shape.c)
    }
  }

  /// Fetches what `finish` will read of a worker's next group.
  func fetch(_ ahead: inout FetchAhead, after images: Range<Int>, in all: Range<Int>) {
    ahead.add(tensor, after: images, in: all)
    guard let waiting else { return }
    ahead.add(waiting.x, after: images, in: all)
    if let skip = waiting.skip { ahead.add(skip, after: images, in: all) }
  }
}
