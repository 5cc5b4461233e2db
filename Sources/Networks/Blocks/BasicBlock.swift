// A residual block whose ReLUs stand behind the convolutions, the last one behind the sum:
//
//   z1 = conv1(x),   z2 = conv2(ReLU(BN1(z1))),   y = ReLU(BN2(z2) + s),   s = x, or BN of a 1x1 convolution z3 of x where
//   the stride or the width changes.
//
// He, Zhang, Ren, Sun: Deep residual learning for image recognition. CVPR 2016; names as torchvision and its descendants
// for small images have them. x, z1, z2, z3 and y are kept; ReLU(BN1(z1)) is made again on load.

import Classification
import Kernels
import Tensors

/// One block; its tensors are held by the network.
struct BasicBlock: Block {
  let conv1: ConvolutionLayer, bn1: BatchNormLayer
  let conv2: ConvolutionLayer, bn2: BatchNormLayer
  let shortcut: ConvolutionLayer?
  let shortcutNorm: BatchNormLayer?

  init(_ name: String, _ input: Shape, to channels: Int, stride: Int, _ layers: inout LayerBuilder) {
    conv1 = layers.convolution("\(name).conv1", input, to: channels, stride: stride)
    bn1 = layers.norm("\(name).bn1", conv1.output)
    conv2 = layers.convolution("\(name).conv2", conv1.output, to: channels)
    bn2 = layers.norm("\(name).bn2", conv2.output)
    guard stride != 1 || input.c != channels else {
      (shortcut, shortcutNorm) = (nil, nil)
      return
    }
    let convolution = layers.convolution("\(name).shortcut.0", input, to: channels, kernel: 1, stride: stride)
    shortcut = convolution
    shortcutNorm = layers.norm("\(name).shortcut.1", convolution.output)
  }

  var input: Shape { conv1.input }
  var output: Shape { conv2.output }
  var work: [(layer: ConvolutionLayer, isBehindNormalisation: Bool)] {
    [(conv1, false)] + (shortcut.map { [($0, false)] } ?? []) + [(conv2, true)]
  }
  var norms: [BatchNormLayer] { [bn1, bn2] + (shortcutNorm.map { [$0] } ?? []) }
  var entry: BatchNormLayer? { nil }
  /// z1, z2, z3.
  var kept: [Shape] { Array(repeating: output, count: shortcut == nil ? 2 : 3) }
  /// dz2, dz1.
  var inside: [Shape] { [output, output] }

  func forward(_ x: Tensor, kept: [Tensor], y: Tensor, next: BatchNormLayer?, _ pass: Pass) throws {
    let (z1, z2) = (kept[0], kept[1])
    let collects = pass.mode != .running
    conv1.forward(pass, into: z1) { images, scratch in
      pass.load(x, images, scratch.padded)
      guard let shortcut, let shortcutNorm else { return }
      let first = images.lowerBound
      shortcut.forward(scratch, into: kept[2].image(first), images: images.count, pass.precision)
      if collects { shortcutNorm.collect(kept[2].image(first), images: images) }
    } ahead: { images in
      FetchAhead(x, after: images, in: pass.images)
    } finish: { images, _ in
      if collects { bn1.collect(z1.image(images.lowerBound), images: images) }
    }
    try bn1.finishForward(pass.state, pass.mode, pass.slice, pass.engine)
    try shortcutNorm?.finishForward(pass.state, pass.mode, pass.slice, pass.engine)
    conv2.forward(pass, into: z2) { images, scratch in
      pass.load(z1, behind: bn1, images, scratch.padded)
    } ahead: { images in
      FetchAhead(z1, after: images, in: pass.images)
    } finish: { images, _ in
      if collects { bn2.collect(z2.image(images.lowerBound), images: images) }
    }
    try bn2.finishForward(pass.state, pass.mode, pass.slice, pass.engine)
    pass.engine.forEachGroup(of: pass.images, size: conv2.groupSize) { images, _ in
      pass.slice.forEachRun(of: images) { run, view in
        let at = run.lowerBound
        ResidualJoin.forward(
          z2.image(at), bn2.affine(view), adding: (shortcut == nil ? x : kept[2]).image(at),
          shortcutNorm?.affine(view), into: y.image(at), pixels: run.count * y.shape.h * y.shape.w,
          channels: y.shape.c)
      }
      if collects { next?.collect(y.image(images.lowerBound), images: images) }
    }
  }

  func backward(
    _ boundary: BoundaryGradient, x: Tensor, y: Tensor, kept: [Tensor], inside: [Tensor], dx: Tensor, _ pass: Pass,
    gradients: GradientSum?
  ) throws -> BoundaryGradient {
    let (z1, z2) = (kept[0], kept[1])
    // The gradient in the sum, of both branches; behind the shortcut's convolution at the end.
    let dy = boundary.tensor
    let (dz2, dz1) = (inside[0], inside[1])
    let isLocal = BatchNormLayer.isLocal(pass.mode, gradients)
    pass.engine.forEachGroup(of: pass.images, size: conv2.groupSize) { images, _ in
      let first = images.lowerBound
      boundary.finish(images)
      ResidualJoin.mask(dy.image(first), y.image(first), count: images.count * y.shape.imageCount)
      if isLocal { return }
      bn2.collect(gradient: dy.image(first), x: z2.image(first), images: images, pass.slice)
      shortcutNorm?.collect(gradient: dy.image(first), x: kept[2].image(first), images: images, pass.slice)
    }
    try bn2.finishBackward(pass.mode, pass.slice, pass.engine, gradients: gradients)
    try shortcutNorm?.finishBackward(pass.mode, pass.slice, pass.engine, gradients: gradients)
    // z2 = conv2(ReLU(BN1(z1)))
    conv2.inputGradient(pass, into: dz1) { images, scratch in
      bn2.inputGradient(dy, x: z2, into: dz2, images, pass.slice)
      pass.load(dz2, images, scratch.padded)
    } ahead: { images in
      FetchAhead(z1, images)
    } finish: { images, _ in
      let first = images.lowerBound
      bn1.backward(
        dz1.image(first), x: z1.image(first), adding: nil, isLocal: isLocal, images: images, pass.slice)
    }
    try bn1.finishBackward(pass.mode, pass.slice, pass.engine, gradients: gradients)
    // z1 = conv1(x), and the shortcut
    conv1.inputGradient(pass, into: dx) { images, scratch in
      if !isLocal { bn1.inputGradient(dz1, x: z1, into: dz1, images, pass.slice) }
      pass.load(dz1, images, scratch.padded)
    } finish: { images, scratch in
      let first = images.lowerBound
      if let shortcut, let shortcutNorm {
        shortcutNorm.inputGradient(dy, x: kept[2], into: dy, images, pass.slice)
        pass.load(dy, images, scratch.padded)
        shortcut.inputGradient(scratch, into: dx.image(first), adding: true, images: images.count, pass.precision)
      } else {
        Elementwise.add(dx.image(first), dy.image(first), count: images.count * dx.shape.imageCount)
      }
    }
    if let gradients {
      pass.accumulate(conv2, dz2, gradients) { pass.load(z1, behind: bn1, $0, $1) }
      pass.accumulate(conv1, dz1, gradients) { pass.load(x, $0, $1) }
      if let shortcut { pass.accumulate(shortcut, dy, gradients) { pass.load(x, $0, $1) } }
    }
    return BoundaryGradient(dx, pass.slice)
  }
}
