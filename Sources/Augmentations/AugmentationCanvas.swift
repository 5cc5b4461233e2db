// The memory in which an image is varied: its bytes, and as many for what a step makes of them.

/// An image of bytes, H x W x 3, and a spare one; of one thread.
package final class AugmentationCanvas {
  package let height: Int
  package let width: Int
  /// The image.
  package private(set) var pixels: UnsafeMutablePointer<UInt8>
  /// Room for another, of any content.
  private(set) var spare: UnsafeMutablePointer<UInt8>

  package init(height: Int, width: Int) {
    self.height = height
    self.width = width
    pixels = .allocate(capacity: height * width * 3)
    spare = .allocate(capacity: height * width * 3)
    pixels.initialize(repeating: 0, count: height * width * 3)
    spare.initialize(repeating: 0, count: height * width * 3)
  }

  deinit {
    pixels.deallocate()
    spare.deallocate()
  }

  /// Bytes of the image.
  package var count: Int { height * width * 3 }

  /// Takes an image of this size.
  package func load(_ image: UnsafePointer<UInt8>) { pixels.update(from: image, count: count) }

  /// Makes what was written to the spare image the image.
  func swap() { (pixels, spare) = (spare, pixels) }
}
