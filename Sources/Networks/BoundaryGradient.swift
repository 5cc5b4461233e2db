// The gradient between two blocks, whose last step waits for its reader:
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
  /// The masked gradient behind the normalisation; `finish` turns it into dx, in place.
  let tensor: Tensor
  /// What was normalised, and by whom: its sums are complete.
  let x: Tensor
  let norm: BatchNormLayer
  let slice: BatchSlice
  /// The gradient that the identity shortcut adds. The block that finishes this one writes its own there, when all images
  /// are finished.
  let skip: Tensor?
  /// Whether the tensor is dx already, as it needed no sums.
  var isFinished = false

  /// Makes dx of some images; once for each image.
  func finish(_ images: Range<Int>) {
    if isFinished { return }
    slice.forEachRun(of: images) { run, view in
      let first = run.lowerBound
      BatchNormGradient.inputGradient(
        tensor.image(first), x: x.image(first), norm.gradientCoefficients(view),
        adding: skip.map { UnsafePointer($0.image(first)) }, into: tensor.image(first),
        pixels: run.count * x.shape.h * x.shape.w, channels: x.shape.c)
    }
  }

  /// Fetches what `finish` will read of a worker's next group.
  func fetch(_ ahead: inout FetchAhead, after images: Range<Int>, threads: Int) {
    ahead.add(tensor, after: images, threads: threads)
    if isFinished { return }
    ahead.add(x, after: images, threads: threads)
    if let skip { ahead.add(skip, after: images, threads: threads) }
  }
}
