// A chain of steps that vary a training image. It begins with the bytes of the data set and ends with Float(byte) / 255.

import Datasets
import Options

/// How training images are varied.
package struct Augmentation: Sendable {
  package let steps: [any AugmentationStep]

  /// - Parameter given: values by whole key, each of them allowed; others have their step's.
  package init(_ given: [String: String]) {
    steps = augmentations.compactMap { part in
      part.make(
        PartValues(Dictionary(uniqueKeysWithValues: part.options.map { ($0.path, given[$0.path] ?? $0.value) })))
    }
  }

  package init(_ steps: [any AugmentationStep]) { self.steps = steps }

  /// Checks that images of this size can be varied so.
  ///
  /// - Throws: `Failure` with `configuration`.
  package func check(height: Int, width: Int) throws {
    for step in steps { try step.check(height: height, width: width) }
  }

  /// Writes image `example` as it is in this epoch: H x W x 3 Floats in [0, 1].
  ///
  /// - Parameters:
  ///   - example: the index into `images`; it is also the address of the randomness, so `images` has to be the whole
  ///     training set and not a part of it.
  ///   - canvas: memory of the calling thread, for images of this size.
  ///   - output: room for `images.imageSize` Floats, the caller's.
  package func write(
    _ example: Int, of images: LabeledImages, seed: UInt64, epoch: Int, by canvas: AugmentationCanvas,
    to output: UnsafeMutablePointer<Float>
  ) {
    precondition(images.labels.indices.contains(example))
    precondition(canvas.height == images.height && canvas.width == images.width, "a canvas of another size")
    let address = AugmentationAddress(seed: seed, epoch: epoch, example: example)
    images.pixels.withUnsafeBufferPointer {
      canvas.load($0.baseAddress! + example * images.imageSize)
    }
    for step in steps { step.change(canvas, address) }
    for i in 0..<canvas.count { output[i] = Float(canvas.pixels[i]) / 255 }
    for step in steps { step.change(output, height: canvas.height, width: canvas.width, address) }
  }
}
