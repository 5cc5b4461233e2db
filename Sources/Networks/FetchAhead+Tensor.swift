// What a convolution of a group of images fetches ahead: the memory that the group, or the next one, will read.

import Kernels
import Tensors

extension FetchAhead {
  /// Some images.
  init(_ tensor: Tensor, _ images: Range<Int>) {
    self.init()
    add(tensor, images)
  }

  /// A worker's next images behind these.
  init(_ tensor: Tensor, after images: Range<Int>, threads: Int) {
    self.init()
    add(tensor, after: images, threads: threads)
  }

  /// Adds some images.
  mutating func add(_ tensor: Tensor, _ images: Range<Int>) {
    add(tensor.image(images.lowerBound), count: images.count * tensor.shape.imageCount)
  }

  /// Adds a group's images as many groups behind it as there are threads: most likely those of this worker's next group,
  /// since threads take groups in order.
  mutating func add(_ tensor: Tensor, after images: Range<Int>, threads: Int) {
    let first = min(tensor.shape.n, images.lowerBound + threads * images.count)
    add(tensor, first..<min(tensor.shape.n, first + images.count))
  }
}
