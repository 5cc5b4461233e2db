// One pass through a network: which examples, which statistics, which numbers, on what.

import Classification
import Kernels
import Tensors

/// What the layers need to know of the pass they are in.
struct Pass {
  let state: Model
  let mode: BatchStatistics
  let slice: BatchSlice
  let precision: Precision
  let engine: Engine
  /// Padded inputs of the shards whose weight gradients are taken at once.
  let shardInputs: Tensor
  /// What the weight gradients' algorithms need.
  let weightWorkspace: Tensor
  /// The images that layers go over.
  private(set) var images: Range<Int>

  init(
    state: Model, mode: BatchStatistics, slice: BatchSlice, precision: Precision, engine: Engine, shardInputs: Tensor,
    weightWorkspace: Tensor
  ) {
    self.state = state
    self.mode = mode
    self.slice = slice
    self.precision = precision
    self.engine = engine
    self.shardInputs = shardInputs
    self.weightWorkspace = weightWorkspace
    images = 0..<slice.imageCount
  }

  /// Images here.
  var count: Int { slice.imageCount }

  /// The same over some of the images.
  func over(_ images: Range<Int>) -> Pass {
    var pass = self
    pass.images = images
    return pass
  }

  /// Lays some images into frames of zeros.
  func load(_ x: Tensor, _ images: Range<Int>, _ padded: UnsafeMutablePointer<Float>) {
    Padding.copy(
      x.image(images.lowerBound), into: padded, images: images.count, height: x.shape.h, width: x.shape.w,
      channels: x.shape.c)
  }

  /// Lays ReLU(BN(x)) of some images into frames of zeros.
  func load(
    _ x: Tensor, behind norm: BatchNormLayer, _ images: Range<Int>, _ padded: UnsafeMutablePointer<Float>
  ) {
    let paddedCount = (x.shape.h + 2) * (x.shape.w + 2) * x.shape.c
    slice.forEachRun(of: images) { run, view in
      Padding.affineReLU(
        x.image(run.lowerBound), norm.affine(view), into: padded + (run.lowerBound - images.lowerBound) * paddedCount,
        images: run.count, height: x.shape.h, width: x.shape.w, channels: x.shape.c)
    }
  }

  /// Adds the leaves of a convolution's filters: dw from the inputs of its shards, laid out again by `load`, and dy.
  func accumulate(
    _ convolution: ConvolutionLayer, _ dy: Tensor, _ gradients: GradientSum,
    load: (_ images: Range<Int>, _ padded: UnsafeMutablePointer<Float>) -> Void
  ) {
    let shardSize = slice.layout.shardSize * slice.views.count
    let atOnce = convolution.shardsAtOnce(shardSize: shardSize)
    let isDone =
      engine.holds(
        padded: shardSize * atOnce * convolution.geometry.paddedInputCount, workspace: convolution.weightWorkspaceCount)
      && gradients.accumulateApart(convolution.slot, atOnce: atOnce, engine) { shards, sum, scratch in
        let images = slice.images(of: shards)
        load(images, scratch.padded)
        convolution.weightGradient(
          scratch.padded, dy.image(images.lowerBound), into: sum, images: images.count, shardSize: shardSize,
          workspace: scratch.workspace, nil)
      }
    if isDone { return }
    gradients.accumulate(convolution.slot, atOnce: atOnce) { shards, sum in
      let images = slice.images(of: shards)
      precondition(images.count * convolution.geometry.paddedInputCount <= shardInputs.count, "reserve comes first")
      engine.pool.forEach(images.count) { i, _ in
        let image = images.lowerBound + i
        load(image..<image + 1, shardInputs.pointer + i * convolution.geometry.paddedInputCount)
      }
      convolution.weightGradient(
        shardInputs.pointer, dy.image(images.lowerBound), into: sum, images: images.count, shardSize: shardSize,
        workspace: weightWorkspace.pointer, engine.pool)
    }
  }
}
