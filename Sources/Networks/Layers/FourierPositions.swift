// Positions of tokens: sines and cosines of row and column, and a matrix that training moves.
//
//   for rows y = 1 … H:   θ = 2π·y/(H + 1e-6),   f_k = sin(θ/T^(k/32)) for even k, cos(θ/T^((k−1)/32)) for odd k,   T = 10⁴
//   32 such features of the row, then 32 of the column;   position = W·f + b,  added to the token
//
// (El-Nouby et al.: XCiT: Cross-covariance image transformers. NeurIPS 2021, after Vaswani et al., NeurIPS 2017.)

import Foundation
import Kernels
import Parallelism
import Tensors

/// What is added to the tokens of every image.
final class FourierPositions {
  let weight: ParameterSlot, bias: ParameterSlot
  private let map: Shape
  /// (T, 64).
  private let features: [Float]
  /// (T, C); complete after `prepare`.
  private(set) var values = Tensor(Shape(n: 0, c: 0))
  /// Σ of the tokens' gradients over the images of a shard.
  private var sums = Tensor(Shape(n: 0, c: 0))

  private static let width = 64

  init(_ name: String, _ map: Shape, _ layers: inout LayerBuilder) {
    let initial = Initializer.uniform(fanIn: Self.width)
    weight = layers.tensor("\(name).token_projection.weight", [map.c, Self.width, 1, 1], .filter, initial)
    bias = layers.tensor("\(name).token_projection.bias", [map.c], .bias, initial)
    self.map = map
    func features(_ place: Int, of extent: Int) -> [Float] {
      let angle = 2 * Double.pi * Double(place + 1) / (Double(extent) + 1e-6)
      return (0..<Self.width / 2).map { k in
        let slowed = angle / pow(10_000, Double(k / 2 * 2) / Double(Self.width / 2))
        return Float(k % 2 == 0 ? sin(slowed) : cos(slowed))
      }
    }
    self.features = (0..<map.h * map.w).flatMap { token in
      features(token / map.w, of: map.h) + features(token % map.w, of: map.w)
    }
  }

  var count: Int { 2 * map.imageCount }

  func reserve() {
    if values.count > 0 { return }
    values = Tensor(Shape(n: 1, h: map.h, w: map.w, c: map.c))
    sums = Tensor(Shape(n: 1, h: map.h, w: map.w, c: map.c))
  }

  /// Makes the positions of a state; `reserve` comes first.
  func prepare(_ parameters: ParameterBuffer, _ pool: ThreadPool) {
    let (w, b) = (parameters[weight], parameters[bias])
    pool.forEach(map.h * map.w) { token, _ in
      let out = values.pointer + token * map.c
      out.update(from: b, count: map.c)
      for k in 0..<Self.width {
        Elementwise.add(out, w + k * map.c, times: features[token * Self.width + k], count: map.c)
      }
    }
  }

  /// Adds the leaves of W and b: products of the features with what the tokens of a shard's images get together.
  func accumulate(_ dTokens: Tensor, _ pass: Pass, _ gradients: GradientSum) {
    let (tokens, channels) = (map.h * map.w, map.c)
    func add(_ shards: Range<Int>) {
      let images = pass.slice.images(of: shards)
      pass.engine.pool.forEach(tokens) { token, _ in
        let sum = sums.pointer + token * channels
        sum.update(repeating: 0, count: channels)
        for n in images { Elementwise.add(sum, dTokens.image(n) + token * channels, count: channels) }
      }
    }
    gradients.accumulate(weight) { shards, leaf in
      add(shards)
      pass.engine.pool.forEach(Self.width) { k, _ in
        let row = leaf + k * channels
        row.update(repeating: 0, count: channels)
        for token in 0..<tokens {
          Elementwise.add(
            row, sums.pointer + token * channels, times: features[token * Self.width + k], count: channels)
        }
      }
    }
    gradients.accumulate(bias) { shards, leaf in
      add(shards)
      leaf.update(repeating: 0, count: channels)
      for token in 0..<tokens { Elementwise.add(leaf, sums.pointer + token * channels, count: channels) }
    }
  }
}
