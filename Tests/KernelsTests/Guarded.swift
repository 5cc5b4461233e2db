// A tensor between two fences, to find what writes beyond it.

import Tensors

/// A tensor full of a value that no result has, with a fence of the same before and behind.
struct Guarded {
  private static let fence = 64
  private static let filling: Float = 1e30
  let tensor: Tensor

  init(_ shape: Shape) {
    let storage = Storage(count: shape.count + 2 * Self.fence)
    for i in 0..<storage.count { storage.base[i] = Self.filling }
    tensor = Tensor(storage, offset: Self.fence, shape: shape)
  }

  /// Whether the fences are as they were.
  var isIntact: Bool {
    (0..<Self.fence).allSatisfy {
      tensor.storage.base[$0] == Self.filling && (tensor.pointer + tensor.count)[$0] == Self.filling
    }
  }
}
