// A linear layer on tokens: where its matrix lives, and what is packed of it once per optimizer step.
//
//   y = γ∘(W·x + b) for every token, with the factors γ of the branch that it ends where there are any (LayerScale.swift)

import Kernels
import Tensors

/// A matrix and its bias, packed for both directions with the factors of its outputs.
struct TokenLinear {
  let weight: ParameterSlot, bias: ParameterSlot
  /// γ; nil for ones.
  let scale: ParameterSlot?
  let inputs: Int, outputs: Int
  private let product: TokenProduct, gradientProduct: TokenProduct
  private let weightProgram: TokenWeightGradient
  private let packed = PackedLinear()

  /// Describes the layer; takes no memory to speak of.
  init(
    _ name: String, inputs: Int, outputs: Int, scale: ParameterSlot? = nil, _ layers: inout LayerBuilder
  ) {
    (weight, bias) = layers.linear(
      name, inputs: inputs, outputs: outputs, weight: .normal(deviation: 0.02), bias: .constant(0))
    self.scale = scale
    self.inputs = inputs
    self.outputs = outputs
    product = TokenProduct(depth: inputs, channels: outputs)
    gradientProduct = TokenProduct(depth: outputs, channels: inputs)
    weightProgram = TokenWeightGradient(inputs: inputs, outputs: outputs)
  }

  /// The product of one image of so many tokens.
  func work(tokens: Int) -> Operation { Operation(.linear(inputs: inputs, outputs: outputs, rows: tokens)) }

  /// Floats of the matrix packed for both directions, and of the bias.
  var packedCount: Int { product.packedCount + gradientProduct.packedCount + outputs }
  /// Floats of the packed inputs and gradients of so many tokens.
  func weightInputCount(tokens: Int) -> Int { weightProgram.packedInputCount(rows: tokens) }
  func weightWorkspaceCount(tokens: Int) -> Int { weightProgram.packedGradientCount(rows: tokens) }

  func reserve() {
    guard packed.bias.count == 0 else { return }
    packed.forward = Tensor(Shape(n: 1, c: product.packedCount))
    packed.gradient = Tensor(Shape(n: 1, c: gradientProduct.packedCount))
    packed.bias = Tensor(Shape(n: 1, c: outputs))
  }

  /// Packs the matrix; `reserve` comes first.
  func prepare(_ parameters: ParameterBuffer, _ engine: Engine) {
    let (w, b) = (parameters[weight], parameters[bias])
    let gamma = scale.map { UnsafePointer(parameters[$0]) }
    engine.pool.forEach(product.panelCount) { panel, _ in
      product.pack(rows: w, scale: gamma, into: packed.forward.pointer, panel: panel)
    }
    engine.pool.forEach(gradientProduct.panelCount) { panel, _ in
      gradientProduct.pack(columns: w, scale: gamma, into: packed.gradient.pointer, panel: panel)
    }
    for o in 0..<outputs { packed.bias.pointer[o] = (gamma?[o] ?? 1) * b[o] }
  }

  /// y of dense tokens.
  func forward(_ x: UnsafePointer<Float>, tokens: Int, into y: UnsafeMutablePointer<Float>) {
    product.run(x, rows: tokens, packed: packed.forward.pointer, into: y, .bias(packed.bias.pointer))
  }

  /// y of dense tokens, and GELU(y).
  func forward(
    _ x: UnsafePointer<Float>, tokens: Int, into y: UnsafeMutablePointer<Float>,
    activated: UnsafeMutablePointer<Float>
  ) {
    product.run(
      x, rows: tokens, packed: packed.forward.pointer, into: y, .gelu(bias: packed.bias.pointer, activated: activated))
  }

  /// r + f·y of dense tokens.
  func forward(
    _ x: UnsafePointer<Float>, tokens: Int, into y: UnsafeMutablePointer<Float>, adding residual: UnsafePointer<Float>,
    factor: Float = 1
  ) {
    product.run(
      x, rows: tokens, packed: packed.forward.pointer, into: y,
      .residual(bias: packed.bias.pointer, residual, factor: factor))
  }

  /// dx of dense tokens.
  func inputGradient(_ dy: UnsafePointer<Float>, tokens: Int, into dx: UnsafeMutablePointer<Float>) {
    gradientProduct.run(dy, rows: tokens, packed: packed.gradient.pointer, into: dx, .plain)
  }

  /// Adds the leaves of W, b and γ.
  ///
  /// - Parameters:
  ///   - dy: gradients of all tokens, those of an image as `tokens` rows.
  ///   - load: the inputs of an image's tokens, dense; they may be made in the scratch memory.
  func accumulate(
    _ dy: Tensor, tokens: Int, _ pass: Pass, _ gradients: GradientSum,
    load: (_ image: Int, _ scratch: Scratch) -> UnsafePointer<Float>
  ) {
    let (engine, slice) = (pass.engine, pass.slice)
    let gamma = scale.map { pass.state.parameters[$0] }
    if gamma != nil { packed.reserveParts(shards: slice.shards.count, outputs) }
    // s, and b∘s as the first part of dγ.
    gradients.accumulate(bias) { shards, sums in
      let images = slice.images(of: shards)
      let part = gamma.map { _ in packed.parts.image(shards.lowerBound - slice.shards.lowerBound) }
      engine.pool.forEach((outputs + 63) / 64) { piece, _ in
        let (first, count) = (64 * piece, min(64, outputs - 64 * piece))
        (sums + first).update(repeating: 0, count: count)
        for n in images {
          for t in 0..<tokens { Elementwise.add(sums + first, dy.image(n) + (t * outputs + first), count: count) }
        }
        guard let gamma, let part else { return }
        LayerScale.multiply(pass.state.parameters[bias] + first, sums + first, into: part + first, count: count)
        LayerScale.multiply(gamma + first, sums + first, into: sums + first, count: count)
      }
    }
    gradients.accumulate(weight) { shards, dw in
      let images = slice.images(of: shards)
      let total = images.count * tokens
      precondition(
        weightInputCount(tokens: total) <= pass.shardInputs.count
          && weightWorkspaceCount(tokens: total) <= pass.weightWorkspace.count, "reserve comes first")
      engine.forEach(images.count) { i, scratch in
        let n = images.lowerBound + i
        weightProgram.pack(
          inputs: load(n, scratch), into: pass.shardInputs.pointer, rows: tokens, first: i * tokens, total: total)
        weightProgram.pack(
          gradients: dy.image(n), into: pass.weightWorkspace.pointer, rows: tokens, first: i * tokens, total: total)
      }
      engine.pool.forEach(weightProgram.pieceCount) { piece, _ in
        weightProgram.run(
          piece: piece, inputs: pass.shardInputs.pointer, gradients: pass.weightWorkspace.pointer, rows: total,
          into: dw)
      }
      guard let gamma else { return }
      let (part, w) = (
        packed.parts.image(shards.lowerBound - slice.shards.lowerBound), pass.state.parameters[weight]
      )
      engine.pool.forEach((outputs + 63) / 64) { piece, _ in
        for o in 64 * piece..<min(outputs, 64 * piece + 64) {
          part[o] += LayerScale.finish(
            row: dw + o * inputs, weights: w + o * inputs, scale: gamma[o], count: inputs)
        }
      }
    }
    guard let scale else { return }
    gradients.accumulate(scale) { shards, leaf in
      leaf.update(from: packed.parts.image(shards.lowerBound - slice.shards.lowerBound), count: outputs)
    }
  }
}

/// The memory of a linear layer, made when a network is to run and not when it is described.
private final class PackedLinear {
  var forward = Tensor(Shape(n: 0, c: 0))
  var gradient = Tensor(Shape(n: 0, c: 0))
  /// γ∘b.
  var bias = Tensor(Shape(n: 0, c: 0))
  /// dγ of each shard.
  var parts = Tensor(Shape(n: 0, c: 0))

  func reserveParts(shards: Int, _ outputs: Int) {
    if parts.shape.n < shards || parts.shape.c != outputs { parts = Tensor(Shape(n: shards, c: outputs)) }
  }
}
