// A block of XCiT behind the patches: attention of a class token to all tokens, and an MLP of the class token.
//
//   n = LN₁ x,  c = proj(attention(q(n₀); k(n), v(n))),   y = x + γ₁∘[c; n₁ n₂ …]
//   m = LN₂ y,  f = fc2(GELU(fc1(m₀))),                    out = m + [γ₂∘f; m₁ m₂ …]
//
// (Touvron et al.: Going deeper with image transformers. ICCV 2021; as XCiT's authors and timm have it with `tokens_norm`: the
// second residual is the normalised one, and patches are doubled.) Behind the last block only the class token is read, so that
// one makes nothing else.

import Classification
import Kernels
import Tensors

/// One block over a class token and the patches behind it.
final class ClassAttentionBlock {
  let q: TokenLinear, k: TokenLinear, v: TokenLinear, proj: TokenLinear, fc1: TokenLinear, fc2: TokenLinear
  private let norm1: LayerNormLayer, norm2: LayerNormLayer
  private let gamma1: ParameterSlot, gamma2: ParameterSlot
  /// Tokens of an image, the class token's included; and those of what the block makes.
  private let tokens: Int, outputTokens: Int
  private let channels: Int, heads: Int

  private var n = Tensor(Shape(n: 0, c: 0)), keys = Tensor(Shape(n: 0, c: 0)), values = Tensor(Shape(n: 0, c: 0))
  private var y = Tensor(Shape(n: 0, c: 0))
  private var query = Tensor(Shape(n: 0, c: 0)), attention = Tensor(Shape(n: 0, c: 0))
  private var o = Tensor(Shape(n: 0, c: 0)), c = Tensor(Shape(n: 0, c: 0)), m = Tensor(Shape(n: 0, c: 0))
  private var z = Tensor(Shape(n: 0, c: 0)), f = Tensor(Shape(n: 0, c: 0))

  /// - Parameter isLast: whether only the class token is read behind it.
  init(
    _ name: String, tokens: Int, channels: Int, heads: Int, isLast: Bool, _ layers: inout LayerBuilder
  ) {
    self.tokens = tokens
    outputTokens = isLast ? 1 : tokens
    self.channels = channels
    self.heads = heads
    gamma1 = layers.tensor("\(name).gamma1", [channels], .scale, .constant(1))
    gamma2 = layers.tensor("\(name).gamma2", [channels], .scale, .constant(1))
    norm1 = LayerNormLayer("\(name).norm1", tokens: tokens, channels: channels, &layers)
    func linear(_ layer: String, _ inputs: Int, _ outputs: Int) -> TokenLinear {
      TokenLinear("\(name).\(layer)", inputs: inputs, outputs: outputs, &layers)
    }
    q = linear("attn.q", channels, channels)
    k = linear("attn.k", channels, channels)
    v = linear("attn.v", channels, channels)
    proj = linear("attn.proj", channels, channels)
    norm2 = LayerNormLayer("\(name).norm2", tokens: outputTokens, channels: channels, &layers)
    fc1 = linear("mlp.fc1", channels, 4 * channels)
    fc2 = linear("mlp.fc2", 4 * channels, channels)
  }

  /// Each layer, and the tokens of an image that it takes.
  var linears: [(layer: TokenLinear, tokens: Int)] {
    [(q, 1), (k, tokens), (v, tokens), (proj, 1), (fc1, 1), (fc2, 1)]
  }
  private var head: ClassAttention {
    ClassAttention(tokens: tokens, channels: channels / heads, stride: channels)
  }

  // MARK: - Memory

  /// Floats that a pass keeps of an image.
  var keptCount: Int {
    (3 * tokens + outputTokens + 9) * channels + heads * tokens + norm1.imageCount + norm2.imageCount
  }
  var packedCount: Int { linears.reduce(0) { $0 + $1.layer.packedCount } }
  /// Floats of scratch memory for so many images.
  func scratchCount(images: Int) -> Int {
    max(images * tokens * channels, Self.rowGroup * 4 * channels)
  }

  func reserve(images: Int) {
    func rows(_ rows: Int, _ width: Int) -> Tensor { Tensor(Shape(n: images, h: 1, w: rows, c: width)) }
    (n, keys, values) = (rows(tokens, channels), rows(tokens, channels), rows(tokens, channels))
    y = rows(outputTokens, channels)
    (query, o, c, m, f) = (
      rows(1, channels), rows(1, channels), rows(1, channels), rows(1, channels), rows(1, channels)
    )
    attention = rows(heads, tokens)
    z = rows(1, 4 * channels)
    norm1.reserve(images: images)
    norm2.reserve(images: images)
  }

  func reserveWeights() { for (layer, _) in linears { layer.reserve() } }

  func prepare(_ state: Model, _ engine: Engine) {
    q.prepare(state.parameters, engine)
    k.prepare(state.parameters, engine)
    v.prepare(state.parameters, engine)
    proj.prepare(state.parameters, engine)
    fc1.prepare(state.parameters, engine)
    fc2.prepare(state.parameters, engine)
  }

  /// Images whose class tokens a worker takes at once.
  private static let rowGroup = 32
  private var groupSize: Int { CrossCovarianceBlock.groupSize(tokens: tokens) }

  // MARK: - Forward

  /// The block's tokens from those in front of it, of all images.
  func forward(_ x: Tensor, output: Tensor, _ pass: Pass) {
    let state = pass.state
    pass.engine.forEachGroup(of: pass.images, size: groupSize) { images, _ in
      let (first, count) = (images.lowerBound, images.count * tokens)
      for i in images { norm1.forward(x.image(i), into: n.image(i), image: i, state) }
      k.forward(n.image(first), tokens: count, into: keys.image(first))
      v.forward(n.image(first), tokens: count, into: values.image(first))
    }
    let (scale1, scale2) = (state.parameters[gamma1], state.parameters[gamma2])
    pass.engine.forEachGroup(of: pass.images, size: Self.rowGroup) { images, scratch in
      let (first, count) = (images.lowerBound, images.count)
      for i in images { (scratch.padded + (i - first) * channels).update(from: n.image(i), count: channels) }
      q.forward(scratch.padded, tokens: count, into: query.image(first))
      for i in images {
        for h in 0..<heads {
          let at = h * (channels / heads)
          head.forward(
            query.image(i) + at, keys.image(i) + at, values.image(i) + at, attention: attention.image(i) + h * tokens,
            into: o.image(i) + at)
        }
      }
      proj.forward(o.image(first), tokens: count, into: c.image(first))
      for i in images {
        for t in 0..<outputTokens {
          let at = t * channels
          LayerScale.add(
            x.image(i) + at, scale1, t == 0 ? c.image(i) : n.image(i) + at, into: y.image(i) + at, count: channels)
        }
        norm2.forward(y.image(i), into: output.image(i), image: i, state)
        m.image(i).update(from: output.image(i), count: channels)
        for at in stride(from: channels, to: outputTokens * channels, by: channels) {
          Elementwise.add(output.image(i) + at, output.image(i) + at, count: channels)
        }
      }
      fc1.forward(m.image(first), tokens: count, into: z.image(first), activated: scratch.padded)
      fc2.forward(scratch.padded, tokens: count, into: f.image(first))
      for i in images {
        LayerScale.add(output.image(i), scale2, f.image(i), into: output.image(i), count: channels)
      }
    }
  }

  // MARK: - Backward

  /// dx of all images from the gradient behind the block; adds the leaves of the weights if `gradients` is there.
  ///
  /// - Parameter dx: may be `dOutput`'s memory only where both have all tokens.
  func backward(
    _ dOutput: Tensor, x: Tensor, dx: Tensor, _ memory: ClassGradients, _ pass: Pass, gradients: GradientSum?
  ) {
    let state = pass.state
    let takes = gradients != nil
    let (scale1, scale2) = (state.parameters[gamma1], state.parameters[gamma2])
    let (df, dz, dc, dq, dy) = (memory.df, memory.dz, memory.dc, memory.dq, memory.dy)
    pass.engine.forEachGroup(of: pass.images, size: Self.rowGroup) { images, scratch in
      let (first, count) = (images.lowerBound, images.count)
      // out₀ = m₀ + γ₂∘f, f = fc2(GELU(z)), z = fc1(m₀)
      for i in images { LayerScale.multiply(scale2, dOutput.image(i), into: df.image(i), count: channels) }
      fc2.inputGradient(df.image(first), tokens: count, into: dz.image(first))
      GELU.inputGradient(dz.image(first), x: z.image(first), into: dz.image(first), count: count * 4 * channels)
      fc1.inputGradient(dz.image(first), tokens: count, into: scratch.padded)
      for i in images {
        let (from, to) = (dOutput.image(i), dy.image(i))
        to.update(from: from, count: channels)
        Elementwise.add(to, scratch.padded + (i - first) * channels, count: channels)
        for j in channels..<max(channels, outputTokens * channels) { to[j] = 2 * from[j] }
        norm2.backward(to, x: y.image(i), image: i, state, takesGradients: takes)
        LayerScale.multiply(scale1, to, into: dc.image(i), count: channels)
        guard takes else { continue }
        let (part1, part2) = (memory.parts.image(i), memory.parts.image(i) + channels)
        LayerScale.multiply(c.image(i), to, into: part1, count: channels)
        for at in stride(from: channels, to: outputTokens * channels, by: channels) {
          LayerScale.add(part1, n.image(i) + at, to + at, into: part1, count: channels)
        }
        LayerScale.multiply(f.image(i), from, into: part2, count: channels)
      }
      // c = proj(o)
      proj.inputGradient(dc.image(first), tokens: count, into: scratch.padded)
      for i in images {
        for h in 0..<heads {
          let at = h * (channels / heads)
          head.backward(
            scratch.padded + ((i - first) * channels + at), query.image(i) + at, keys.image(i) + at,
            values.image(i) + at, attention: attention.image(i) + h * tokens, gradient: scratch.workspace,
            dq: dq.image(i) + at, dk: memory.dKeys.image(i) + at, dv: memory.dValues.image(i) + at)
        }
      }
      q.inputGradient(dq.image(first), tokens: count, into: scratch.padded)
      for i in images {
        memory.dn.image(i).update(from: scratch.padded + (i - first) * channels, count: channels)
      }
    }
    pass.engine.forEachGroup(of: pass.images, size: groupSize) { images, scratch in
      let (first, count) = (images.lowerBound, images.count * tokens)
      k.inputGradient(memory.dKeys.image(first), tokens: count, into: dx.image(first))
      v.inputGradient(memory.dValues.image(first), tokens: count, into: scratch.padded)
      Elementwise.add(dx.image(first), scratch.padded, count: count * channels)
      for i in images {
        let dn = dx.image(i)
        Elementwise.add(dn, memory.dn.image(i), count: channels)
        for at in stride(from: channels, to: outputTokens * channels, by: channels) {
          LayerScale.add(dn + at, scale1, dy.image(i) + at, into: dn + at, count: channels)
        }
        norm1.backward(dn, x: x.image(i), image: i, state, takesGradients: takes)
        Elementwise.add(dn, dy.image(i), count: outputTokens * channels)
      }
    }
    if let gradients { accumulate(memory, pass, gradients) }
  }

  private func accumulate(_ memory: ClassGradients, _ pass: Pass, _ gradients: GradientSum) {
    fc2.accumulate(memory.df, tokens: 1, pass, gradients) { i, scratch in
      GELU.forward(z.image(i), into: scratch.padded, count: 4 * channels)
      return UnsafePointer(scratch.padded)
    }
    fc1.accumulate(memory.dz, tokens: 1, pass, gradients) { i, _ in UnsafePointer(m.image(i)) }
    norm2.accumulate(pass, gradients)
    proj.accumulate(memory.dc, tokens: 1, pass, gradients) { i, _ in UnsafePointer(o.image(i)) }
    q.accumulate(memory.dq, tokens: 1, pass, gradients) { i, _ in UnsafePointer(n.image(i)) }
    k.accumulate(memory.dKeys, tokens: tokens, pass, gradients) { i, _ in UnsafePointer(n.image(i)) }
    v.accumulate(memory.dValues, tokens: tokens, pass, gradients) { i, _ in UnsafePointer(n.image(i)) }
    norm1.accumulate(pass, gradients)
    gradients.accumulateImages(gamma1, pass.slice) { memory.parts.image($0) }
    gradients.accumulateImages(gamma2, pass.slice) { memory.parts.image($0) + channels }
  }
}

/// Gradients inside a block of class attention, in memory that all of them share.
struct ClassGradients {
  let df: Tensor, dz: Tensor, dc: Tensor, dq: Tensor, dn: Tensor
  let dy: Tensor, dKeys: Tensor, dValues: Tensor
  /// dγ₁ and dγ₂.
  let parts: Tensor

  init(images: Int, tokens: Int, channels: Int) {
    func rows(_ rows: Int, _ width: Int) -> Tensor { Tensor(Shape(n: images, h: 1, w: rows, c: width)) }
    (df, dc, dq, dn) = (rows(1, channels), rows(1, channels), rows(1, channels), rows(1, channels))
    dz = rows(1, 4 * channels)
    (dy, dKeys, dValues) = (rows(tokens, channels), rows(tokens, channels), rows(tokens, channels))
    parts = rows(2, channels)
  }

  /// Floats of an image.
  static func imageCount(tokens: Int, channels: Int) -> Int { (3 * tokens + 10) * channels }
}
