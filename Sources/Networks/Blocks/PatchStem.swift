// The stem of XCiT: pixels become tokens by four convolutions, each normalised, with GELUs between them:
//
//   x = BN₄(conv₄(GELU(BN₃(conv₃(… GELU(BN₁(conv₁(pixels))) …)))))
//
// with d/8, d/4, d/2 and d channels. Strides are 1, 1, 2, 2: patches of 4x4 pixels, with weights of the shapes that patches
// of 16x16 have (Debenedetti, Sehwag, Mittal: A light recipe to train robust vision transformers. SaTML 2023).

import Classification
import Kernels
import Tensors

/// Convolutions and their normalisations; what each convolution makes is kept.
final class PatchStem {
  let convolutions: [ConvolutionLayer]
  let norms: [BatchNormLayer]
  private var c: [Tensor] = []
  /// Gradients behind the convolutions but the last.
  private var d: [Tensor] = []

  /// Pixels of the side of a patch.
  static let patch = 4

  init(_ name: String, _ pixels: Shape, channels: Int, _ layers: inout LayerBuilder) {
    var (convolutions, norms): ([ConvolutionLayer], [BatchNormLayer]) = ([], [])
    var map = pixels
    for (i, stride) in [1, 1, 2, 2].enumerated() {
      let layer = layers.convolution("\(name).\(2 * i).0", map, to: channels >> (3 - i), stride: stride)
      map = layer.output
      convolutions.append(layer)
      norms.append(layers.norm("\(name).\(2 * i).1", map))
    }
    (self.convolutions, self.norms) = (convolutions, norms)
  }

  /// The map of tokens.
  var output: Shape { convolutions[3].output }
  var work: [Operation] {
    convolutions.enumerated().map { Operation(.convolution($1.geometry), isBehindNormalisation: $0 > 0) }
  }
  /// Floats of an image: what a pass keeps, and gradients.
  var keptCount: Int { convolutions.reduce(0) { $0 + $1.output.imageCount } }
  var gradientCount: Int { convolutions.dropLast().reduce(0) { $0 + $1.output.imageCount } }

  func reserve(images: Int, views: Int) {
    c = convolutions.map { Tensor($0.output.times(images)) }
    d = convolutions.dropLast().map { Tensor($0.output.times(images)) }
    for norm in norms { norm.reserve(images: images, views: views) }
  }

  /// What a convolution reads, of some images in frames of zeros.
  private func load(
    _ layer: Int, _ images: Range<Int>, _ padded: UnsafeMutablePointer<Float>, _ pass: Pass,
    pixels: (Range<Int>, UnsafeMutablePointer<Float>) -> Void
  ) {
    if layer == 0 { return pixels(images, padded) }
    let map = convolutions[layer].input
    let frame = convolutions[layer].geometry.paddedInputCount
    pass.slice.forEachRun(of: images) { run, view in
      let at = padded + (run.lowerBound - images.lowerBound) * frame
      Padding.affine(
        c[layer - 1].image(run.lowerBound), norms[layer - 1].affine(view), into: at, images: run.count, height: map.h,
        width: map.w, channels: map.c)
      // GELU(0) = 0: the frame stays.
      GELU.forward(at, into: at, count: run.count * frame)
    }
  }

  /// Tokens of all images, without their positions; `pixels` lays normalised pixels into frames.
  func forward(
    adding positions: Tensor, into tokens: Tensor, _ pass: Pass,
    pixels: (Range<Int>, UnsafeMutablePointer<Float>) -> Void
  ) throws {
    for (i, layer) in convolutions.enumerated() {
      pass.engine.forEachGroup(of: pass.images, size: layer.groupSize) { images, scratch in
        load(i, images, scratch.padded, pass, pixels: pixels)
        let out = c[i].image(images.lowerBound)
        layer.forward(scratch, into: out, images: images.count, pass.precision)
        if pass.mode != .running { norms[i].collect(out, images: images) }
      }
      try norms[i].finishForward(pass.state, pass.mode, pass.slice, pass.engine)
    }
    let map = output
    pass.engine.forEach(pass.count) { n, _ in
      ChannelMap.affine(
        c[3].image(n), norms[3].affine(pass.slice.view(ofImage: n)), adding: positions.pointer, into: tokens.image(n),
        pixels: map.h * map.w, channels: map.c)
    }
  }

  /// The gradient in the pixels as they enter the first convolution, from that in the tokens, which is overwritten; or
  /// leaves of the weights, and then no gradient in the pixels.
  func backward(
    _ dTokens: Tensor, into dPixels: Tensor, _ pass: Pass, gradients: GradientSum?,
    pixels: (Range<Int>, UnsafeMutablePointer<Float>) -> Void
  ) throws {
    let isLocal = BatchNormLayer.isLocal(pass.mode, gradients)
    let map = output
    let last = Tensor(dTokens.storage, offset: dTokens.offset, shape: map.times(dTokens.shape.n))
    if !isLocal {
      pass.engine.forEach(pass.count) { n, _ in
        norms[3].collect(gradient: last.image(n), x: c[3].image(n), images: n..<n + 1, pass.slice)
      }
    }
    for i in stride(from: convolutions.count - 1, through: 0, by: -1) {
      let layer = convolutions[i]
      let dy = i == 3 ? last : d[i]
      try norms[i].finishBackward(pass.mode, pass.slice, pass.engine, gradients: gradients)
      pass.engine.forEachGroup(of: pass.images, size: layer.groupSize) { images, scratch in
        norms[i].inputGradient(dy, x: c[i], into: dy, images, pass.slice)
        if i == 0 && gradients != nil { return }
        let g = layer.geometry
        Padding.copy(
          dy.image(images.lowerBound), into: scratch.padded, images: images.count, height: g.outputHeight,
          width: g.outputWidth, channels: g.outputChannels)
        let dx = i == 0 ? dPixels : d[i - 1]
        layer.inputGradient(scratch, into: dx.image(images.lowerBound), images: images.count, pass.precision)
        if i > 0 { activate(dx, behind: i - 1, images, scratch.padded, isLocal: isLocal, pass) }
      }
      if let gradients {
        pass.accumulate(layer, dy, gradients) { load(i, $0, $1, pass, pixels: pixels) }
      }
    }
  }

  /// dz of a = GELU(z) in place of da, for z = BN(c), and its sums.
  private func activate(
    _ da: Tensor, behind layer: Int, _ images: Range<Int>, _ scratch: UnsafeMutablePointer<Float>, isLocal: Bool,
    _ pass: Pass
  ) {
    let (x, map) = (c[layer], convolutions[layer].output)
    for n in images {
      ChannelMap.affine(
        x.image(n), norms[layer].affine(pass.slice.view(ofImage: n)), into: scratch, pixels: map.h * map.w,
        channels: map.c)
      GELU.inputGradient(da.image(n), x: scratch, into: da.image(n), count: map.imageCount)
      if !isLocal { norms[layer].collect(gradient: da.image(n), x: x.image(n), images: n..<n + 1, pass.slice) }
    }
  }
}
