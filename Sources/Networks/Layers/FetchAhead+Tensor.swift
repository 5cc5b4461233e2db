// What a convolution of a group of images fetches ahead: the memory that the group, or the next one, will read.

import Kernels
import Tensors

extension FetchAhead {
  /// Some images.
  init(_ tensor: Tensor, _ images: Range<Int>) {
    self.init()
    add(tensor, images)
  }

  /// The images behind these, of those that a pass goes over.
  init(_ tensor: Tensor, after images: Range<Int>, in all: Range<Int>) {
    self.init()
    add(tensor, after: images, in: all)
  }

  /// Adds some images.
  mutating func add(_ tensor: Tensor, _ images: Range<Int>) {
    add(tensor.image(images.lowerBound), count: images.count * tensor.shape.imageCount)
  }

  /// Adds the images behind a group, as many as it has: most likely this worker's next group, since threads take neighbours.
  mutating func add(_ tensor: Tensor, after images: Range<Int>, in all: Range<Int>) {
    let first = min(all.upperBound, images.upperBound)
    add(tensor, first..<min(all.upperBound, first + images.count))
  }
}
