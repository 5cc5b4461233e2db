// The linear layer in one direction, image by image as the engine runs it.

import Kernels
import Tensors

/// A linear layer that can be run.
struct LinearCase {
  let direction: ConvolutionCase.Direction
  let images: Int
  let channels: Int, classes: Int
  private let x: Tensor, y: Tensor, weight: Tensor, bias: Tensor

  init(inputs: Int, outputs: Int, _ direction: ConvolutionCase.Direction, images: Int) {
    self.direction = direction
    self.images = images
    (channels, classes) = (inputs, outputs)
    x = Tensor(Shape(n: images, c: channels))
    y = Tensor(Shape(n: images, c: classes))
    weight = Tensor(Shape(n: classes, c: channels))
    bias = Tensor(Shape(n: 1, c: classes))
  }

  /// Runs over all images.
  func run() {
    for n in 0..<images {
      switch direction {
      case .forward:
        Linear.forward(
          x.image(n), weight: weight.pointer, bias: bias.pointer, into: y.image(n), classes: classes, channels: channels
        )
      case .inputGradient:
        Linear.inputGradient(
          y.image(n), weight: weight.pointer, into: x.image(n), classes: classes, channels: channels)
      case .weightGradient:
        Linear.addWeightGradient(
          y.image(n), x: x.image(n), into: weight.pointer, classes: classes, channels: channels)
      }
    }
  }
}
