// A depthwise 3x3 convolution of the map that tokens make up, with the factors of the branch that it ends (LayerScale.swift).

import Kernels
import Tensors

/// Filters and bias, and both with the factors of their channels.
struct DepthwiseLayer {
  let weight: ParameterSlot, bias: ParameterSlot
  /// γ; nil for ones.
  let scale: ParameterSlot?
  let map: Shape
  private let scaled = ScaledFilters()

  /// - Parameter map: an image's.
  init(_ name: String, _ map: Shape, scale: ParameterSlot? = nil, _ layers: inout LayerBuilder) {
    weight = layers.tensor("\(name).weight", [map.c, 1, 3, 3], .filter, .uniform(fanIn: 9))
    bias = layers.tensor("\(name).bias", [map.c], .bias, .uniform(fanIn: 9))
    self.scale = scale
    self.map = map
  }

  /// Floats of the gradients of an image.
  var partCount: Int { 10 * map.c }
  /// Floats of the filters and the bias with their factors.
  var packedCount: Int { 10 * map.c }

  func reserve() {
    if scaled.values.count == 0 { scaled.values = Tensor(Shape(n: 10, c: map.c)) }
  }

  /// Takes over filters and bias; `reserve` comes first.
  func prepare(_ parameters: ParameterBuffer) {
    for tap in 0..<10 {
      let from = tap < 9 ? parameters[weight] + tap * map.c : parameters[bias]
      let to = scaled.values.image(tap)
      to.update(from: from, count: map.c)
      if let scale { LayerScale.multiply(parameters[scale], to, into: to, count: map.c) }
    }
  }

  /// y of an image.
  func forward(_ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>) {
    DepthwiseConvolution.forward(
      x, filters: scaled.values.pointer, bias: scaled.values.image(9), into: y, height: map.h, width: map.w,
      channels: map.c)
  }

  /// dx of an image.
  func inputGradient(_ dy: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>) {
    DepthwiseConvolution.inputGradient(
      dy, filters: scaled.values.pointer, into: dx, height: map.h, width: map.w, channels: map.c)
  }

  /// Adds the leaves of filters, bias and γ.
  ///
  /// - Parameters:
  ///   - parts: memory of `partCount` Floats an image.
  ///   - load: the input of an image; it may be made in the scratch memory.
  func accumulate(
    _ dy: Tensor, parts: Tensor, _ pass: Pass, _ gradients: GradientSum,
    load: (_ image: Int, _ scratch: Scratch) -> UnsafePointer<Float>
  ) {
    let channels = map.c
    pass.engine.forEach(pass.count) { n, scratch in
      let part = parts.image(n)
      part.update(repeating: 0, count: partCount)
      DepthwiseConvolution.addWeightGradients(
        dy.image(n), x: load(n, scratch), filters: part, bias: part + 9 * channels, height: map.h, width: map.w,
        channels: channels)
    }
    let parameters = pass.state.parameters
    if let scale {
      gradients.accumulate(scale) { shards, leaf in
        leaf.update(repeating: 0, count: channels)
        for n in pass.slice.images(of: shards) {
          for tap in 0..<10 {
            let own = tap < 9 ? parameters[weight] + tap * channels : parameters[bias]
            LayerScale.add(leaf, own, parts.image(n) + tap * channels, into: leaf, count: channels)
          }
        }
      }
      let gamma = parameters[scale]
      pass.engine.forEach(pass.count) { n, _ in
        for tap in 0..<10 {
          let part = parts.image(n) + tap * channels
          LayerScale.multiply(gamma, part, into: part, count: channels)
        }
      }
    }
    gradients.accumulateImages(weight, pass.slice) { parts.image($0) }
    gradients.accumulateImages(bias, pass.slice) { parts.image($0) + 9 * channels }
  }
}

/// Filters (3, 3, C) and a bias.
private final class ScaledFilters {
  var values = Tensor(Shape(n: 0, c: 0))
}
