// Random crop from reflect padding, then a horizontal flip with probability 1/2.
//
// Padding by p reflects at the edge pixel without repeating it: row -1 is row 1, row H is row H - 2. After Rice, Wong,
// Kolter (2020) and CFA; both draws are addressed by (seed, epoch, example).

import Failures
import Tensors

/// How training images are varied.
package struct Augmentation: Sendable, Equatable {
  /// Rows and columns of reflect padding from which a window of the image's own size is cut; 0 for none, 4 for CIFAR.
  package let crop: Int
  /// Whether half of the images are mirrored left to right.
  package let flip: Bool

  package init(crop: Int, flip: Bool) {
    precondition(crop >= 0)
    self.crop = crop
    self.flip = flip
  }

  /// The image itself.
  package static let none = Augmentation(crop: 0, flip: false)

  /// Where the window lies, and whether it is mirrored after it is cut.
  package struct Placement: Sendable, Equatable {
    /// The row of the image, -crop ... crop, that becomes row 0.
    package var top: Int
    /// The column of the image, -crop ... crop, that becomes column 0 (before mirroring).
    package var left: Int
    package var mirrored: Bool

    package init(top: Int, left: Int, mirrored: Bool) {
      self.top = top
      self.left = left
      self.mirrored = mirrored
    }
  }

  /// Checks that images of this size can be reflected that far.
  ///
  /// - Throws: `Failure` with `configuration`.
  package func check(height: Int, width: Int) throws {
    guard crop < min(height, width) else {
      throw Failure(
        .configuration,
        "augmentation.crop is \(crop): it must be below the images' size, \(height)x\(width)")
    }
  }

  /// What an example gets in an epoch.
  package func placement(seed: UInt64, epoch: Int, example: Int) -> Placement {
    var placement = Placement(top: 0, left: 0, mirrored: false)
    if crop > 0 {
      let stream = RandomStream(seed: seed, purpose: .crop, epoch: epoch, example: example)
      placement.top = stream.integer(below: 2 * crop + 1, at: 0) - crop
      placement.left = stream.integer(below: 2 * crop + 1, at: 1) - crop
    }
    if flip {
      let stream = RandomStream(seed: seed, purpose: .flip, epoch: epoch, example: example)
      placement.mirrored = stream.word(at: 0) >> 31 == 1
    }
    return placement
  }

  /// Writes image `example` as it is in this epoch: H x W x 3 Floats in [0, 1], exactly `Float(byte) / 255`.
  ///
  /// - Parameters:
  ///   - example: the index into `images`; it is also the address of the randomness, so `images` has to be the whole
  ///     training set and not a part of it.
  ///   - output: room for `images.imageSize` Floats, the caller's.
  package func write(
    _ example: Int, of images: LabeledImages, seed: UInt64, epoch: Int, to output: UnsafeMutablePointer<Float>
  ) {
    let placement = placement(seed: seed, epoch: epoch, example: example)
    Self.write(example, of: images, at: placement, to: output)
  }

  /// Writes image `index` as seen through a window; `|top|` < H and `|left|` < W.
  package static func write(
    _ index: Int, of images: LabeledImages, at placement: Placement, to output: UnsafeMutablePointer<Float>
  ) {
    let (height, width) = (images.height, images.width)
    precondition(images.labels.indices.contains(index))
    precondition(abs(placement.top) < height && abs(placement.left) < width)
    images.pixels.withUnsafeBufferPointer { pixels in
      let image = pixels.baseAddress! + index * images.imageSize
      var to = output
      for y in 0..<height {
        let row = image + reflected(y + placement.top, in: height) * width * 3
        for x in 0..<width {
          let column = placement.mirrored ? width - 1 - x : x
          let from = row + reflected(column + placement.left, in: width) * 3
          for c in 0..<3 { to[c] = Float(from[c]) / 255 }
          to += 3
        }
      }
    }
  }

  /// The index inside 0 ..< count that an index up to count - 1 outside of it mirrors.
  private static func reflected(_ i: Int, in count: Int) -> Int {
    i < 0 ? -i : i < count ? i : 2 * (count - 1) - i
  }
}
