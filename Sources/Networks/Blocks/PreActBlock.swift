// A pre-activation residual block:
//
//   a = ReLU(BN1(x)),   h = conv1(a),   y = conv2(ReLU(BN2(h))) + s,   s = x, or a 1x1 convolution of a where the
//   stride or the width changes.
//
// He, Zhang, Ren, Sun: Identity mappings in deep residual networks. ECCV 2016; the shortcut takes the activated a, as
// in the robust_overfitting code. Only x and h are kept for the backward pass: activations are made again on load.

import Classification
import Kernels
import Tensors

/// One block; its tensors are held by the network.
struct PreActBlock: Block {
  let bn1: BatchNormLayer, conv1: ConvolutionLayer
  let bn2: BatchNormLayer, conv2: ConvolutionLayer
  let shortcut: ConvolutionLayer?

  /// - Parameter shortcut: what the 1x1 convolution is called behind the name of the block.
  init(
    _ name: String, _ input: Shape, to channels: Int, stride: Int, shortcut shortcutName: String = "shortcut.0",
    _ layers: inout LayerBuilder
  ) {
    bn1 = layers.norm("\(name).bn1", input)
    conv1 = layers.convolution("\(name).conv1", input, to: channels, stride: stride)
    bn2 = layers.norm("\(name).bn2", conv1.output)
    conv2 = layers.convolution("\(name).conv2", conv1.output, to: channels)
    shortcut =
      stride != 1 || input.c != channels
      ? layers.convolution("\(name).\(shortcutName)", input, to: channels, kernel: 1, stride: stride) : nil
  }

  var input: Shape { conv1.input }
  var output: Shape { conv2.output }
  var work: [(layer: ConvolutionLayer, isBehindNormalisation: Bool)] {
    ([conv1, conv2] + (shortcut.map { [$0] } ?? [])).map { ($0, true) }
  }
  var norms: [BatchNormLayer] { [bn1, bn2] }
  var entry: BatchNormLayer? { bn1 }
  /// h.
  var kept: [Shape] { [conv2.input] }
  /// dh.
  var inside: [Shape] { [conv2.input] }

  func forward(_ x: Tensor, kept: [Tensor], y: Tensor, next: BatchNormLayer?, _ pass: Pass) throws {
    let h = kept[0]
    let collects = pass.mode != .running
    try bn1.finishForward(pass.state, pass.mode, pass.slice, pass.engine)
    conv1.forward(pass, into: h) { images, scratch in
      pass.load(x, behind: bn1, images, scratch.padded)
      shortcut?.forward(scratch, into: y.image(images.lowerBound), images: images.count, pass.precision)
    } ahead: { images in
      FetchAhead(x, after: images, in: pass.images)
    } finish: { images, _ in
      if collects { bn2.collect(h.image(images.lowerBound), images: images) }
    }
    try bn2.finishForward(pass.state, pass.mode, pass.slice, pass.engine)
    conv2.forward(pass, into: y, residual: shortcut == nil ? x : y) { images, scratch in
      pass.load(h, behind: bn2, images, scratch.padded)
    } ahead: { images in
      FetchAhead(h, after: images, in: pass.images)
    } finish: { images, _ in
      if collects { next?.collect(y.image(images.lowerBound), images: images) }
    }
  }

  func backward(
    _ boundary: BoundaryGradient, x: Tensor, y: Tensor, kept: [Tensor], inside: [Tensor], dx: Tensor, _ pass: Pass,
    gradients: GradientSum?
  ) throws -> BoundaryGradient {
    let (h, dh) = (kept[0], inside[0])
    let dy = boundary.tensor
    let isLocal = BatchNormLayer.isLocal(pass.mode, gradients)
    // y = conv2(ReLU(BN2(h))) + s
    conv2.inputGradient(pass, into: dh) { images, scratch in
      boundary.finish(images)
      pass.load(dy, images, scratch.padded)
    } ahead: { images in
      var ahead = FetchAhead()
      ahead.add(h, images)
      boundary.fetch(&ahead, after: images, in: pass.images)
      return ahead
    } finish: { images, _ in
      let first = images.lowerBound
      bn2.backward(
        dh.image(first), x: h.image(first), adding: nil, isLocal: isLocal, images: images, pass.slice)
    }
    try bn2.finishBackward(pass.mode, pass.slice, pass.engine, gradients: gradients)
    // h = conv1(a), s = shortcut(a), a = ReLU(BN1(x))
    conv1.inputGradient(pass, into: dx) { images, scratch in
      if !isLocal { bn2.inputGradient(dh, x: h, into: dh, images, pass.slice) }
      pass.load(dh, images, scratch.padded)
    } ahead: { images in
      var ahead = FetchAhead()
      ahead.add(x, images)
      if !isLocal { ahead.add(h, after: images, in: pass.images) }
      ahead.add(dh, after: images, in: pass.images)
      return ahead
    } finish: { images, scratch in
      let first = images.lowerBound
      if let shortcut {
        pass.load(dy, images, scratch.padded)
        shortcut.inputGradient(scratch, into: dx.image(first), adding: true, images: images.count, pass.precision)
      }
      bn1.backward(
        dx.image(first), x: x.image(first), adding: shortcut == nil ? UnsafePointer(dy.image(first)) : nil,
        isLocal: isLocal, images: images, pass.slice)
    }
    if let gradients { weightGradients(dy, x: x, h: h, dh: dh, pass, gradients) }
    try bn1.finishBackward(pass.mode, pass.slice, pass.engine, gradients: gradients)
    if isLocal { return BoundaryGradient(dx, pass.slice) }
    return BoundaryGradient(dx, x: x, norm: bn1, skip: shortcut == nil ? dy : nil, pass.slice)
  }

  private func weightGradients(
    _ dy: Tensor, x: Tensor, h: Tensor, dh: Tensor, _ pass: Pass, _ gradients: GradientSum
  ) {
    pass.accumulate(conv2, dy, gradients) { pass.load(h, behind: bn2, $0, $1) }
    pass.accumulate(conv1, dh, gradients) { pass.load(x, behind: bn1, $0, $1) }
    if let shortcut { pass.accumulate(shortcut, dy, gradients) { pass.load(x, behind: bn1, $0, $1) } }
  }
}
