// Which algorithm each convolution of a run was computed by.

import Kernels
import Networks

extension RunEnvironment {
  /// The convolutions of one geometry.
  struct Convolution: Encodable {
    /// Of the input: height, width, channels; and the output's channels.
    let height: Int, width: Int, inputChannels: Int, outputChannels: Int
    let kernel: Int, stride: Int
    /// "direct" or "winograd".
    let forward: String, inputGradient: String, weightGradient: String

    private init(_ g: ConvolutionGeometry, _ choice: ConvolutionChoice) {
      (height, width, inputChannels, outputChannels) = (g.height, g.width, g.inputChannels, g.outputChannels)
      (kernel, stride) = (g.kernel, g.stride)
      forward = choice.forward(g).algorithm
      inputGradient = choice.inputGradient(g)[0].algorithm
      weightGradient = choice.weightGradient(g).algorithm
    }

    /// Those of a network, each geometry once, in the order of a forward pass; without the linear layer.
    static func all(of network: any Network, _ choice: ConvolutionChoice) -> [Convolution] {
      var known: [ConvolutionGeometry] = []
      for g in network.convolutions where !known.contains(g) { known.append(g) }
      return known.map { Convolution($0, choice) }
    }
  }
}
