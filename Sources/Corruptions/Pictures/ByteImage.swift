// Pictures as files have them: bytes, rows from the top, red green blue.

import Datasets

/// One picture of `height` x `width` pixels.
package struct ByteImage: Sendable, Equatable {
  package let height: Int
  package let width: Int
  /// H x W x 3.
  package var bytes: [UInt8]

  package init(height: Int, width: Int, bytes: [UInt8]) {
    precondition(bytes.count == height * width * 3)
    self.height = height
    self.width = width
    self.bytes = bytes
  }

  /// One of a set.
  package init(_ index: Int, of images: LabeledImages) {
    let size = images.imageSize
    self.init(
      height: images.height, width: images.width, bytes: Array(images.pixels[index * size..<(index + 1) * size]))
  }

  /// As numbers in [0, 1].
  var plane: Plane {
    Plane(height: height, width: width, channels: 3, values: bytes.map { Double($0) / 255 })
  }
}
