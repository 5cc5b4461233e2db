// What a convolution of a group of images fetches ahead: the memory that the group, or the next one, will read.

import Kernels
import Tensors

extension FetchAhead {
  /// Adds some images.
  mutating func add(_ tensor: Tensor, _ images: Range<Int>) {
    add(tensor.image(images.lowerBound), count: images.count * tensor.shape.imageCount)
  }

  /// Adds as many images as stand in a group, behind it: most likely those of this worker's next group.
  mutating func add(_ tensor: Tensor, after images: Range<Int>) {
    add(tensor, images.upperBound..<min(tensor.shape.n, images.upperBound + images.count))
  }
}
