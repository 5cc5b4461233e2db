// A block of XCiT: attention between channels, interaction of neighbouring patches, and an MLP of every token.
//
//   x₁ = x + γ₁∘proj(XCA(qkv(LN₁ x)))
//   x₂ = x₁ + γ₃∘conv2(BN(GELU(conv1(LN₃ x₁))))       depthwise, on the map of tokens
//   y = x₂ + γ₂∘fc2(GELU(fc1(LN₂ x₂)))
//
// (El-Nouby et al.: XCiT: Cross-covariance image transformers. NeurIPS 2021; names and the order 1, 3, 2 as the authors' code
// and timm have them.) BN needs the sums of the global batch, so each direction is two sweeps over the images.

import Classification
import Kernels
import Tensors

/// One block over the tokens of a map.
final class CrossCovarianceBlock {
  let qkv: TokenLinear, proj: TokenLinear, fc1: TokenLinear, fc2: TokenLinear
  let conv1: DepthwiseLayer, conv2: DepthwiseLayer
  let norm: BatchNormLayer
  private let norm1: LayerNormLayer, norm2: LayerNormLayer, norm3: LayerNormLayer
  private let temperature: ParameterSlot
  private let map: Shape
  private let heads: Int
  private var channels: Int { map.c }
  private var tokens: Int { map.h * map.w }

  /// What a forward pass keeps: q and k of length 1 along the tokens beside v, the lengths' inverses, G and A of each head.
  private var qkvs = Tensor(Shape(n: 0, c: 0)), inverses = Tensor(Shape(n: 0, c: 0))
  private var products = Tensor(Shape(n: 0, c: 0)), attentions = Tensor(Shape(n: 0, c: 0))
  private var o = Tensor(Shape(n: 0, c: 0)), x1 = Tensor(Shape(n: 0, c: 0)), x2 = Tensor(Shape(n: 0, c: 0))
  /// Behind conv1, and that behind GELU.
  private var c1 = Tensor(Shape(n: 0, c: 0)), a1 = Tensor(Shape(n: 0, c: 0))
  /// Behind fc1.
  private var z = Tensor(Shape(n: 0, c: 0))

  /// - Parameter map: tokens as pixels, and their channels.
  init(_ name: String, _ map: Shape, heads: Int, _ layers: inout LayerBuilder) {
    self.map = map
    self.heads = heads
    let (channels, tokens) = (map.c, map.h * map.w)
    let gamma = [1, 3, 2].map { layers.tensor("\(name).gamma\($0)", [channels], .scale, .constant(1)) }
    norm1 = LayerNormLayer("\(name).norm1", tokens: tokens, channels: channels, &layers)
    temperature = layers.tensor("\(name).attn.temperature", [heads, 1, 1], .scale, .constant(1))
    qkv = TokenLinear("\(name).attn.qkv", inputs: channels, outputs: 3 * channels, &layers)
    proj = TokenLinear("\(name).attn.proj", inputs: channels, outputs: channels, scale: gamma[0], &layers)
    norm3 = LayerNormLayer("\(name).norm3", tokens: tokens, channels: channels, &layers)
    conv1 = DepthwiseLayer("\(name).local_mp.conv1", map, &layers)
    norm = layers.norm("\(name).local_mp.bn", map)
    conv2 = DepthwiseLayer("\(name).local_mp.conv2", map, scale: gamma[1], &layers)
    norm2 = LayerNormLayer("\(name).norm2", tokens: tokens, channels: channels, &layers)
    fc1 = TokenLinear("\(name).mlp.fc1", inputs: channels, outputs: 4 * channels, &layers)
    fc2 = TokenLinear("\(name).mlp.fc2", inputs: 4 * channels, outputs: channels, scale: gamma[2], &layers)
  }

  var linears: [TokenLinear] { [qkv, proj, fc1, fc2] }
  private var norms: [LayerNormLayer] { [norm1, norm3, norm2] }
  private var head: CrossCovarianceAttention {
    CrossCovarianceAttention(tokens: tokens, channels: channels / heads, stride: 3 * channels)
  }

  // MARK: - Memory

  /// Floats that a pass keeps of an image.
  var keptCount: Int {
    12 * map.imageCount + 2 * channels + 2 * heads * head.matrixCount + norms.reduce(0) { $0 + $1.imageCount }
  }
  /// Floats of the packed weights.
  var packedCount: Int { linears.reduce(0) { $0 + $1.packedCount } + conv1.packedCount + conv2.packedCount }
  /// Floats of scratch memory for so many images.
  func scratchCount(images: Int) -> Int { 5 * images * map.imageCount }
  var workspaceCount: Int { max(2 * head.matrixCount, 2 * channels) }

  /// Makes room for passes over up to `images` images in up to `views` views.
  func reserve(images: Int, views: Int) {
    let wide = { [map] (factor: Int) in Tensor(Shape(n: images, h: map.h, w: map.w, c: factor * map.c)) }
    qkvs = wide(3)
    (o, x1, x2, c1, a1) = (wide(1), wide(1), wide(1), wide(1), wide(1))
    z = wide(4)
    inverses = Tensor(Shape(n: images, c: 2 * channels))
    products = Tensor(Shape(n: images, c: heads * head.matrixCount))
    attentions = Tensor(Shape(n: images, c: heads * head.matrixCount))
    for norm in norms { norm.reserve(images: images) }
    norm.reserve(images: images, views: views)
  }

  func reserveWeights() {
    for layer in linears { layer.reserve() }
    conv1.reserve()
    conv2.reserve()
  }

  func prepare(_ state: Model, _ engine: Engine) {
    qkv.prepare(state.parameters, engine)
    proj.prepare(state.parameters, engine)
    fc1.prepare(state.parameters, engine)
    fc2.prepare(state.parameters, engine)
    conv1.prepare(state.parameters)
    conv2.prepare(state.parameters)
  }

  /// Images whose tokens a worker takes at once.
  static func groupSize(tokens: Int) -> Int { max(1, 256 / tokens) }
  private var groupSize: Int { Self.groupSize(tokens: tokens) }

  // MARK: - Forward

  /// y of all images.
  func forward(_ x: Tensor, y: Tensor, _ paths: PathFactors, _ pass: Pass) throws {
    let state = pass.state
    pass.engine.forEachGroup(of: pass.images, size: groupSize) { images, scratch in
      let (first, count) = (images.lowerBound, images.count * tokens)
      for n in images { norm1.forward(x.image(n), into: row(scratch.padded, n - first), image: n, state) }
      qkv.forward(scratch.padded, tokens: count, into: qkvs.image(first))
      for n in images { attend(n, state, scratch.workspace) }
      add(proj, o.image(first), to: x, into: x1, images, paths, branch: 0)
      for n in images {
        norm3.forward(x1.image(n), into: scratch.padded, image: n, state)
        conv1.forward(scratch.padded, into: c1.image(n))
        GELU.forward(c1.image(n), into: a1.image(n), count: map.imageCount)
      }
      if pass.mode != .running { norm.collect(a1.image(first), images: images) }
    }
    try norm.finishForward(state, pass.mode, pass.slice, pass.engine)
    pass.engine.forEachGroup(of: pass.images, size: groupSize) { images, scratch in
      let (first, count) = (images.lowerBound, images.count * tokens)
      let normalised = scratch.padded
      for n in images {
        normalise(n, into: normalised, pass)
        conv2.forward(normalised, into: x2.image(n))
        if paths.areDrawn { Elementwise.scale(x2.image(n), by: paths.of(n, 1), count: map.imageCount) }
        Elementwise.add(x2.image(n), x1.image(n), count: map.imageCount)
      }
      for n in images { norm2.forward(x2.image(n), into: row(normalised, n - first), image: n, state) }
      let hidden = row(normalised, images.count)
      fc1.forward(normalised, tokens: count, into: z.image(first), activated: hidden)
      add(fc2, hidden, to: x2, into: y, images, paths, branch: 2)
    }
  }

  /// y = r + s·layer(x) of some images, whose x is dense.
  private func add(
    _ layer: TokenLinear, _ x: UnsafePointer<Float>, to residual: Tensor, into y: Tensor, _ images: Range<Int>,
    _ paths: PathFactors, branch: Int
  ) {
    let first = images.lowerBound
    guard paths.areDrawn else {
      return layer.forward(
        x, tokens: images.count * tokens, into: y.image(first), adding: residual.image(first))
    }
    for n in images {
      layer.forward(
        x + (n - first) * tokens * layer.inputs, tokens: tokens, into: y.image(n), adding: residual.image(n),
        factor: paths.of(n, branch))
    }
  }

  /// The tokens of image `i` in memory for several.
  private func row(_ p: UnsafeMutablePointer<Float>, _ i: Int) -> UnsafeMutablePointer<Float> {
    p + i * map.imageCount
  }

  /// BN(GELU(conv1)) of an image.
  private func normalise(_ n: Int, into y: UnsafeMutablePointer<Float>, _ pass: Pass) {
    ChannelMap.affine(
      a1.image(n), norm.affine(pass.slice.view(ofImage: n)), into: y, pixels: tokens, channels: channels)
  }

  private func attend(_ n: Int, _ state: Model, _ workspace: UnsafeMutablePointer<Float>) {
    let (tokenChannels, width) = (3 * channels, channels / heads)
    let q = qkvs.image(n)
    TokenNorm.forward(
      q, into: q, inverses: inverses.image(n), tokens: tokens, channels: 2 * channels, stride: tokenChannels)
    for h in 0..<heads {
      let own = q + h * width
      head.forward(
        own, own + channels, own + 2 * channels, temperature: state.parameters[temperature][h],
        products: products.image(n) + h * head.matrixCount, attention: attentions.image(n) + h * head.matrixCount,
        workspace: workspace, into: o.image(n) + h * width, outputStride: channels)
    }
  }

  // MARK: - Backward

  /// dx of all images from dy; adds the leaves of the weights if `gradients` is there.
  ///
  /// - Parameter dx: may not be dy.
  func backward(
    _ dy: Tensor, x: Tensor, dx: Tensor, _ memory: TokenGradients, _ paths: PathFactors, _ pass: Pass,
    gradients: GradientSum?
  ) throws {
    let state = pass.state
    let isLocal = BatchNormLayer.isLocal(pass.mode, gradients)
    let takes = gradients != nil
    let (dz, dqkv, dc, dx1, dx2) = (memory.dz, memory.dqkv, memory.dc, memory.dx1, memory.dx2)
    // What enters each branch.
    let entering = BranchGradients(paths, memory, (dx1, dx2, dy))
    pass.engine.forEachGroup(of: pass.images, size: groupSize) { images, scratch in
      let (first, count) = (images.lowerBound, images.count * tokens)
      // y = x₂ + γ₂∘fc2(GELU(z)), z = fc1(LN₂ x₂)
      entering.scale(2, images)
      fc2.inputGradient(entering[2].image(first), tokens: count, into: dz.image(first))
      GELU.inputGradient(
        dz.image(first), x: z.image(first), into: dz.image(first), count: 4 * images.count * map.imageCount)
      fc1.inputGradient(dz.image(first), tokens: count, into: dx2.image(first))
      for n in images {
        norm2.backward(dx2.image(n), x: x2.image(n), image: n, state, takesGradients: takes)
        Elementwise.add(dx2.image(n), dy.image(n), count: map.imageCount)
        // x₂ = x₁ + γ₃∘conv2(BN(a₁))
        entering.scale(1, n..<n + 1)
        conv2.inputGradient(entering[1].image(n), into: dc.image(n))
      }
      if !isLocal { norm.collect(gradient: dc.image(first), x: a1.image(first), images: images, pass.slice) }
    }
    try norm.finishBackward(pass.mode, pass.slice, pass.engine, gradients: gradients)
    pass.engine.forEachGroup(of: pass.images, size: groupSize) { images, scratch in
      let (first, count) = (images.lowerBound, images.count * tokens)
      norm.inputGradient(dc, x: a1, into: dc, images, pass.slice)
      for n in images {
        // a₁ = GELU(c₁), c₁ = conv1(LN₃ x₁)
        GELU.inputGradient(dc.image(n), x: c1.image(n), into: dc.image(n), count: map.imageCount)
        conv1.inputGradient(dc.image(n), into: dx1.image(n))
        norm3.backward(dx1.image(n), x: x1.image(n), image: n, state, takesGradients: takes)
        Elementwise.add(dx1.image(n), dx2.image(n), count: map.imageCount)
      }
      // x₁ = x + γ₁∘proj(o)
      entering.scale(0, images)
      proj.inputGradient(entering[0].image(first), tokens: count, into: scratch.padded)
      for n in images { attendBackward(row(scratch.padded, n - first), n, dqkv, memory, state, scratch.workspace) }
      qkv.inputGradient(dqkv.image(first), tokens: count, into: dx.image(first))
      for n in images {
        norm1.backward(dx.image(n), x: x.image(n), image: n, state, takesGradients: takes)
        Elementwise.add(dx.image(n), dx1.image(n), count: map.imageCount)
      }
    }
    if let gradients { accumulate(entering, x: x, memory, pass, gradients) }
  }

  private func attendBackward(
    _ dO: UnsafePointer<Float>, _ n: Int, _ dqkv: Tensor, _ memory: TokenGradients, _ state: Model,
    _ workspace: UnsafeMutablePointer<Float>
  ) {
    let width = channels / heads
    let (q, dq) = (qkvs.image(n), dqkv.image(n))
    for h in 0..<heads {
      let (own, gradient) = (q + h * width, dq + h * width)
      memory.dTemperature.image(n)[h] = head.backward(
        dO + h * width, own, own + channels, own + 2 * channels, temperature: state.parameters[temperature][h],
        products: products.image(n) + h * head.matrixCount, attention: attentions.image(n) + h * head.matrixCount,
        workspace: workspace, dq: gradient, dk: gradient + channels, dv: gradient + 2 * channels,
        outputStride: channels)
    }
    TokenNorm.inputGradient(
      dq, y: q, inverses: inverses.image(n), products: workspace, into: dq, tokens: tokens,
      channels: 2 * channels, stride: 3 * channels)
  }

  /// The leaves of all weights; what the layers had read is made again.
  private func accumulate(
    _ entering: BranchGradients, x: Tensor, _ memory: TokenGradients, _ pass: Pass, _ gradients: GradientSum
  ) {
    let state = pass.state
    fc2.accumulate(entering[2], tokens: tokens, pass, gradients) { n, scratch in
      GELU.forward(z.image(n), into: scratch.padded, count: 4 * map.imageCount)
      return UnsafePointer(scratch.padded)
    }
    func normalised(_ norm: LayerNormLayer, _ x: Tensor, _ n: Int, _ scratch: Scratch) -> UnsafePointer<Float> {
      norm.forward(x.image(n), into: scratch.padded, image: n, state)
      return UnsafePointer(scratch.padded)
    }
    fc1.accumulate(memory.dz, tokens: tokens, pass, gradients) { normalised(norm2, x2, $0, $1) }
    norm2.accumulate(pass, gradients)
    conv2.accumulate(entering[1], parts: memory.parts, pass, gradients) { n, scratch in
      normalise(n, into: scratch.padded, pass)
      return UnsafePointer(scratch.padded)
    }
    conv1.accumulate(memory.dc, parts: memory.parts, pass, gradients) { normalised(norm3, x1, $0, $1) }
    norm3.accumulate(pass, gradients)
    proj.accumulate(entering[0], tokens: tokens, pass, gradients) { n, _ in UnsafePointer(o.image(n)) }
    gradients.accumulateImages(temperature, pass.slice) { memory.dTemperature.image($0) }
    qkv.accumulate(memory.dqkv, tokens: tokens, pass, gradients) { normalised(norm1, x, $0, $1) }
    norm1.accumulate(pass, gradients)
  }
}
