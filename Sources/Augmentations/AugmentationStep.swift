// What varies a training image: steps, one after another, each by random numbers of the example and the epoch alone.

import Options
import Tensors

/// One way of varying an image.
package protocol AugmentationStep: Sendable {
  /// Changes the bytes of an image; most steps do so, as the literature's do.
  func change(_ canvas: AugmentationCanvas, _ address: AugmentationAddress)

  /// Changes the image as the network sees it: H x W x 3 Floats in [0, 1]. All steps come to this after all bytes.
  func change(_ pixels: UnsafeMutablePointer<Float>, height: Int, width: Int, _ address: AugmentationAddress)

  /// Checks that images of a size can be varied so.
  ///
  /// - Throws: `Failure` with `configuration`.
  func check(height: Int, width: Int) throws
}

extension AugmentationStep {
  package func change(_ canvas: AugmentationCanvas, _ address: AugmentationAddress) {}
  package func change(
    _ pixels: UnsafeMutablePointer<Float>, height: Int, width: Int, _ address: AugmentationAddress
  ) {}
  package func check(height: Int, width: Int) throws {}
}

/// A step as a recipe knows it.
package struct AugmentationPart: Sendable {
  /// Its keys, in the order of a printed recipe.
  package let options: [PartOption]
  /// The step; nil where the values switch it off.
  let make: @Sendable (PartValues) -> (any AugmentationStep)?

  init(_ options: [PartOption], make: @escaping @Sendable (PartValues) -> (any AugmentationStep)?) {
    self.options = options
    self.make = make
  }
}

/// Where the random numbers of an image in an epoch are.
package struct AugmentationAddress: Sendable {
  package let seed: UInt64
  package let epoch: Int
  /// The position in the whole training set.
  package let example: Int

  package init(seed: UInt64, epoch: Int, example: Int) {
    self.seed = seed
    self.epoch = epoch
    self.example = example
  }

  /// The random numbers of a purpose.
  ///
  /// - Parameter variant: of several streams.
  func stream(_ purpose: RandomPurpose, variant: Int = 0) -> RandomStream {
    RandomStream(seed: seed, purpose: purpose, epoch: epoch, example: example, variant: variant)
  }
}
