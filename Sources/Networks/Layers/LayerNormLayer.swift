// Layer normalisation of tokens, as a layer: where γ and β live, and what a pass keeps of each token.

import Classification
import Kernels
import Tensors

/// A normalisation of the channels of every token; ε is 1e-6, as XCiT has it.
final class LayerNormLayer {
  let weight: ParameterSlot, bias: ParameterSlot
  let tokens: Int, channels: Int
  /// μ and 1/σ of each token.
  private var means = Tensor(Shape(n: 0, c: 0)), inverses = Tensor(Shape(n: 0, c: 0))
  /// dγ and dβ of each image.
  private var parts = Tensor(Shape(n: 0, c: 0))

  /// - Parameter tokens: of an image.
  init(_ name: String, tokens: Int, channels: Int, _ layers: inout LayerBuilder) {
    weight = layers.tensor("\(name).weight", [channels], .scale, .constant(1))
    bias = layers.tensor("\(name).bias", [channels], .shift, .constant(0))
    self.tokens = tokens
    self.channels = channels
  }

  /// Floats for each image.
  var imageCount: Int { 2 * tokens + 2 * channels }

  /// Makes room for passes over up to `images` images.
  func reserve(images: Int) {
    means = Tensor(Shape(n: images, c: tokens))
    inverses = Tensor(Shape(n: images, c: tokens))
    parts = Tensor(Shape(n: images, c: 2 * channels))
  }

  /// y of the first `tokens` tokens of an image; y may be x.
  func forward(
    _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, image: Int, tokens: Int? = nil, _ state: Model
  ) {
    LayerNorm.forward(
      x, scale: state.parameters[weight], shift: state.parameters[bias], epsilon: 1e-6, into: y,
      means: means.image(image), inverses: inverses.image(image), tokens: tokens ?? self.tokens, channels: channels)
  }

  /// dx of the first `tokens` tokens of an image, in place of dy.
  ///
  /// - Parameter takesGradients: whether dγ and dβ are taken too.
  func backward(
    _ dy: UnsafeMutablePointer<Float>, x: UnsafePointer<Float>, image: Int, tokens: Int? = nil, _ state: Model,
    takesGradients: Bool
  ) {
    let tokens = tokens ?? self.tokens
    if takesGradients {
      let part = parts.image(image)
      part.update(repeating: 0, count: 2 * channels)
      LayerNorm.addWeightGradients(
        dy, x: x, means: means.image(image), inverses: inverses.image(image), scale: part, shift: part + channels,
        tokens: tokens, channels: channels)
    }
    LayerNorm.inputGradient(
      dy, x: x, scale: state.parameters[weight], means: means.image(image), inverses: inverses.image(image), into: dy,
      tokens: tokens, channels: channels)
  }

  /// Adds the leaves of γ and β that `backward` took.
  func accumulate(_ pass: Pass, _ gradients: GradientSum) {
    gradients.accumulateImages(weight, pass.slice) { parts.image($0) }
    gradients.accumulateImages(bias, pass.slice) { parts.image($0) + channels }
  }
}

extension GradientSum {
  /// Adds a layer's leaves that are sums of what each image left.
  func accumulateImages(
    _ slot: ParameterSlot, _ slice: BatchSlice, _ part: (_ image: Int) -> UnsafeMutablePointer<Float>
  ) {
    accumulate(slot) { shards, leaf in
      leaf.update(repeating: 0, count: slot.count)
      for n in slice.images(of: shards) { Elementwise.add(leaf, part(n), count: slot.count) }
    }
  }
}
