// Colour images with class labels, as bytes: what the network sees is Float(byte) / 255.

import Digests

/// `count` images of `height` x `width` x 3 bytes, and their labels.
package struct LabeledImages: Sendable, Equatable {
  package let height: Int
  package let width: Int
  /// N x H x W x 3 bytes, red green blue.
  package let pixels: [UInt8]
  /// The class of each image, 0 ..< K.
  package let labels: [Int32]

  package init(height: Int, width: Int, pixels: [UInt8], labels: [Int32]) {
    precondition(height > 0 && width > 0 && pixels.count == labels.count * height * width * 3)
    self.height = height
    self.width = width
    self.pixels = pixels
    self.labels = labels
  }

  /// No images of some size.
  static func none(height: Int, width: Int) -> LabeledImages {
    LabeledImages(height: height, width: width, pixels: [], labels: [])
  }

  /// The number of images.
  package var count: Int { labels.count }

  /// Bytes, and so Floats, of one image.
  package var imageSize: Int { height * width * 3 }

  /// The first `n` images, or all where there are fewer.
  package func prefix(_ n: Int) -> LabeledImages {
    n >= count
      ? self
      : LabeledImages(
        height: height, width: width, pixels: Array(pixels.prefix(n * imageSize)), labels: Array(labels.prefix(n)))
  }

  /// How many images each of `classes` classes has.
  package func classCounts(classes: Int) -> [Int] {
    var counts = [Int](repeating: 0, count: classes)
    for label in labels { counts[Int(label)] += 1 }
    return counts
  }

  /// Writes image `index` as H x W x 3 Floats, exactly `Float(byte) / 255`, unchanged.
  ///
  /// - Parameter output: room for `imageSize` Floats, the caller's.
  package func write(_ index: Int, to output: UnsafeMutablePointer<Float>) {
    precondition(labels.indices.contains(index))
    pixels.withUnsafeBufferPointer { pixels in
      let source = pixels.baseAddress! + index * imageSize
      for i in 0..<imageSize { output[i] = Float(source[i]) / 255 }
    }
  }

  /// The hexadecimal SHA-256 of shape, labels and pixels: equal for equal content, on any machine.
  package var digest: String {
    var sha = SHA256()
    sha.update("images \(count) \(height) \(width) 3\n")
    labels.map(\.littleEndian).withUnsafeBytes { sha.update($0) }
    pixels.withUnsafeBytes { sha.update($0) }
    return sha.hex()
  }
}
