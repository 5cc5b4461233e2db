// Where layers are declared one after the other, in the order of PyTorch's parameters.

import Kernels
import Tensors

/// The layouts of a network in the making.
struct LayerBuilder {
  let engine: Engine
  /// What the filters of a convolution begin with.
  let filters: @Sendable (ConvolutionGeometry) -> Initializer
  private(set) var parameters = ParameterLayout()
  private(set) var statistics = ParameterLayout()

  /// - Parameter filters: PyTorch's default if not given.
  init(
    _ engine: Engine,
    filters: @escaping @Sendable (ConvolutionGeometry) -> Initializer = {
      .uniform(fanIn: $0.inputChannels * $0.kernel * $0.kernel)
    }
  ) {
    self.engine = engine
    self.filters = filters
  }

  /// A convolution of `shape`, an image's, without bias.
  mutating func convolution(
    _ name: String, _ shape: Shape, to channels: Int, kernel: Int = 3, stride: Int = 1
  ) -> ConvolutionLayer {
    let geometry = ConvolutionGeometry(
      height: shape.h, width: shape.w, inputChannels: shape.c, outputChannels: channels, kernel: kernel, stride: stride)
    return ConvolutionLayer("\(name).weight", geometry, engine, filters(geometry), in: &parameters)
  }

  /// A normalisation of `shape`, an image's.
  mutating func norm(_ name: String, _ shape: Shape) -> BatchNormLayer {
    BatchNormLayer(
      name, height: shape.h, width: shape.w, channels: shape.c, parameters: &parameters, statistics: &statistics)
  }

  /// A matrix and its bias.
  mutating func linear(
    _ name: String, inputs: Int, outputs: Int, weight: Initializer? = nil, bias: Initializer? = nil
  ) -> (weight: ParameterSlot, bias: ParameterSlot) {
    let initial = Initializer.uniform(fanIn: inputs)
    return (
      parameters.append("\(name).weight", [outputs, inputs], .matrix, weight ?? initial),
      parameters.append("\(name).bias", [outputs], .bias, bias ?? initial)
    )
  }

  /// A tensor by its whole name.
  mutating func tensor(
    _ name: String, _ shape: [Int], _ role: ParameterRole, _ initializer: Initializer, decays: Bool? = nil
  ) -> ParameterSlot { parameters.append(name, shape, role, initializer, decays: decays) }
}

extension ConvolutionLayer {
  /// An image in front of it, and behind.
  var input: Shape { Shape(n: 1, h: geometry.height, w: geometry.width, c: geometry.inputChannels) }
  var output: Shape { Shape(n: 1, h: geometry.outputHeight, w: geometry.outputWidth, c: geometry.outputChannels) }
}
