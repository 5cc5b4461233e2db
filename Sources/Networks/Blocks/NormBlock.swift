// y = ReLU(BN(x)), where blocks behind it read what they are given as it is.

import Kernels
import Tensors

/// A normalisation and a ReLU as a block of their own.
struct NormBlock: Block {
  let norm: BatchNormLayer
  let input: Shape

  init(_ name: String, _ input: Shape, _ layers: inout LayerBuilder) {
    norm = layers.norm(name, input)
    self.input = input
  }

  var output: Shape { input }
  var work: [(layer: ConvolutionLayer, isBehindNormalisation: Bool)] { [] }
  var norms: [BatchNormLayer] { [norm] }
  var entry: BatchNormLayer? { norm }
  var kept: [Shape] { [] }
  var inside: [Shape] { [] }

  func forward(_ x: Tensor, kept: [Tensor], y: Tensor, next: BatchNormLayer?, _ pass: Pass) throws {
    try norm.finishForward(pass.state, pass.mode, pass.slice, pass.engine)
    pass.engine.forEachGroup(of: pass.images, size: 1) { images, _ in
      pass.slice.forEachRun(of: images) { run, view in
        let at = run.lowerBound
        ResidualJoin.forward(
          x.image(at), norm.affine(view), adding: nil, nil, into: y.image(at),
          pixels: run.count * x.shape.h * x.shape.w, channels: x.shape.c)
      }
      if pass.mode != .running { next?.collect(y.image(images.lowerBound), images: images) }
    }
  }

  func backward(
    _ boundary: BoundaryGradient, x: Tensor, y: Tensor, kept: [Tensor], inside: [Tensor], dx: Tensor, _ pass: Pass,
    gradients: GradientSum?
  ) throws -> BoundaryGradient {
    let isLocal = BatchNormLayer.isLocal(pass.mode, gradients)
    pass.engine.forEachGroup(of: pass.images, size: 1) { images, _ in
      let first = images.lowerBound
      boundary.finish(images)
      dx.image(first).update(from: boundary.tensor.image(first), count: images.count * x.shape.imageCount)
      norm.backward(
        dx.image(first), x: x.image(first), adding: nil, isLocal: isLocal, images: images, pass.slice)
    }
    try norm.finishBackward(pass.mode, pass.slice, pass.engine, gradients: gradients)
    if isLocal { return BoundaryGradient(dx, pass.slice) }
    return BoundaryGradient(dx, x: x, norm: norm, skip: nil, pass.slice)
  }
}
