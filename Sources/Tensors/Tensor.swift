// A dense NHWC array of Floats somewhere in a Storage.

/// Extents of an NHWC tensor; vectors and matrices have H = W = 1.
package struct Shape: Hashable, Sendable, CustomStringConvertible {
  /// Batch.
  package var n: Int
  /// Height.
  package var h: Int
  /// Width.
  package var w: Int
  /// Channels, innermost in memory.
  package var c: Int

  package init(n: Int, h: Int = 1, w: Int = 1, c: Int) {
    self.n = n
    self.h = h
    self.w = w
    self.c = c
  }

  /// Elements of one image.
  package var imageCount: Int { h * w * c }
  /// Elements.
  package var count: Int { n * imageCount }
  package var description: String { "\(n)x\(h)x\(w)x\(c)" }
}

/// A dense NHWC array of Floats.
///
/// A reference to memory, like a span that keeps its owner alive: copies share their elements.
package struct Tensor: @unchecked Sendable {
  package let storage: Storage
  package let offset: Int
  package let shape: Shape

  /// A tensor on part of a storage.
  package init(_ storage: Storage, offset: Int, shape: Shape) {
    precondition(offset >= 0 && offset + shape.count <= storage.count, "tensor beyond its storage")
    self.storage = storage
    self.offset = offset
    self.shape = shape
  }

  /// A new tensor of zeros.
  package init(_ shape: Shape) { self.init(Storage(count: shape.count), offset: 0, shape: shape) }

  /// The first element. Valid while the tensor lives.
  @inlinable
  package var pointer: UnsafeMutablePointer<Float> { storage.base + offset }

  /// Elements.
  package var count: Int { shape.count }

  /// The elements in memory order.
  package var elements: UnsafeMutableBufferPointer<Float> { UnsafeMutableBufferPointer(start: pointer, count: count) }

  /// The first element of an image.
  package func image(_ n: Int) -> UnsafeMutablePointer<Float> {
    precondition(n <= shape.n)
    return pointer + n * shape.imageCount
  }

  /// The same memory's first `n` images.
  package func prefix(_ n: Int) -> Tensor {
    precondition(n <= shape.n)
    return Tensor(storage, offset: offset, shape: Shape(n: n, h: shape.h, w: shape.w, c: shape.c))
  }

  /// The elements as an array.
  package var array: [Float] { Array(elements) }
}
