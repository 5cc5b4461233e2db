import Augmentations
import Datasets
import Foundation

/// The picture of goldens/generate_augmentations.py, and what is made of it.
enum Picture {
  static let height = 12, width = 16

  static let bytes: [UInt8] = {
    var bytes: [UInt8] = []
    for y in 0..<height {
      for x in 0..<width {
        for c in 0..<3 {
          let slope: Int = 7 * y * y + 13 * x * (c + 1) + 31 * c
          let ripple: Int = 9 * (x * y % 11)
          bytes.append(UInt8((slope + ripple) % 256))
        }
      }
    }
    return bytes
  }()

  /// The bytes after a change.
  static func changed(_ change: (AugmentationCanvas) -> Void) -> [UInt8] {
    let canvas = AugmentationCanvas(height: height, width: width)
    bytes.withUnsafeBufferPointer { canvas.load($0.baseAddress!) }
    change(canvas)
    return Array(UnsafeBufferPointer(start: canvas.pixels, count: canvas.count))
  }
}

extension Augmentation {
  /// The image of an example as Floats.
  func floats(_ example: Int = 0, of images: LabeledImages, seed: UInt64 = 0, epoch: Int = 0) -> [Float] {
    let canvas = AugmentationCanvas(height: images.height, width: images.width)
    var out = [Float](repeating: -1, count: images.imageSize)
    out.withUnsafeMutableBufferPointer {
      write(example, of: images, seed: seed, epoch: epoch, by: canvas, to: $0.baseAddress!)
    }
    return out
  }
}

/// Addresses of many examples over some epochs.
func addresses(_ count: Int, seed: UInt64 = 5) -> [AugmentationAddress] {
  (0..<count).map { AugmentationAddress(seed: seed, epoch: $0 % 7, example: $0) }
}
