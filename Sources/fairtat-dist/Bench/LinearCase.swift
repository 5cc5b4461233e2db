// A linear layer in one direction, as the engine runs it: image by image where an image has one row, else the tokens of some
// images at once.

import Kernels
import Tensors

/// A linear layer that can be run.
struct LinearCase {
  let direction: ConvolutionCase.Direction
  let images: Int
  let channels: Int, classes: Int
  /// Of an image.
  let rows: Int
  /// Images that read the weights once.
  let groupSize: Int
  /// Runs over all images.
  let run: () -> Void

  init(inputs: Int, outputs: Int, rows: Int, _ direction: ConvolutionCase.Direction, images: Int) {
    self.direction = direction
    self.images = images
    (channels, classes, self.rows) = (inputs, outputs, rows)
    groupSize = rows == 1 ? images : max(1, 256 / rows)
    run =
      rows == 1
      ? Self.byImage(inputs, outputs, direction, images) : Self.tokens(inputs, outputs, rows, direction, images)
  }

  private static func byImage(
    _ channels: Int, _ classes: Int, _ direction: ConvolutionCase.Direction, _ images: Int
  ) -> () -> Void {
    let (x, y) = (Tensor(Shape(n: images, c: channels)), Tensor(Shape(n: images, c: classes)))
    let (weight, bias) = (Tensor(Shape(n: classes, c: channels)), Tensor(Shape(n: 1, c: classes)))
    return {
      for n in 0..<images {
        switch direction {
        case .forward:
          Linear.forward(
            x.image(n), weight: weight.pointer, bias: bias.pointer, into: y.image(n), classes: classes,
            channels: channels)
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

  private static func tokens(
    _ inputs: Int, _ outputs: Int, _ rows: Int, _ direction: ConvolutionCase.Direction, _ images: Int
  ) -> () -> Void {
    let (x, y) = (ConvolutionCase.ones(images * rows * inputs), ConvolutionCase.ones(images * rows * outputs))
    if direction == .weightGradient {
      // A shard's images at once.
      let program = TokenWeightGradient(inputs: inputs, outputs: outputs)
      let total = 8 * rows
      let packedInputs = ConvolutionCase.ones(program.packedInputCount(rows: total))
      let packedGradients = ConvolutionCase.ones(program.packedGradientCount(rows: total))
      let dw = ConvolutionCase.ones(inputs * outputs)
      return {
        for first in stride(from: 0, to: images, by: 8) {
          let own = min(8, images - first) * rows
          program.pack(
            inputs: x.pointer + first * rows * inputs, into: packedInputs.pointer, rows: own, first: 0, total: own)
          program.pack(
            gradients: y.pointer + first * rows * outputs, into: packedGradients.pointer, rows: own, first: 0,
            total: own)
          for piece in 0..<program.pieceCount {
            program.run(
              piece: piece, inputs: packedInputs.pointer, gradients: packedGradients.pointer, rows: own,
              into: dw.pointer)
          }
        }
      }
    }
    let isForward = direction == .forward
    let product = TokenProduct(depth: isForward ? inputs : outputs, channels: isForward ? outputs : inputs)
    let packed = ConvolutionCase.ones(product.packedCount)
    let (from, to) = isForward ? (x, y) : (y, x)
    let group = max(1, 256 / rows)
    return {
      for first in stride(from: 0, to: images, by: group) {
        product.run(
          from.pointer + first * rows * product.depth, rows: min(group, images - first) * rows,
          packed: packed.pointer, into: to.pointer + first * rows * product.channels, .plain)
      }
    }
  }
}
