// How the sums of BatchNorm over a global batch leave a rank.

import Classification
import Kernels
import Parallelism

/// How two partial sums are joined.
package enum PartialSum: Sendable {
  /// Element by element.
  case sum
  /// [count, mean × C, M2 × C] by Chan's formula, once for each view.
  case moments(channels: Int, views: Int = 1)

  /// Joins `right` to `left`, both `width` Doubles.
  package func merge(_ left: UnsafeMutablePointer<Double>, _ right: UnsafePointer<Double>, width: Int) {
    switch self {
    case .sum: for i in 0..<width { left[i] += right[i] }
    case .moments(let channels, let views):
      let one = Moments.width(channels)
      for view in 0..<views { Moments.merge(left + view * one, right + view * one, channels: channels) }
    }
  }
}

/// Adds up what every shard of a global batch contributes, along the tree, on all ranks alike.
package protocol BatchReduction: AnyObject {
  /// Replaces the first `width` Doubles of `leaves` by the total.
  ///
  /// `leaves` holds one part of `width` Doubles, of all views, for each shard of the slice, and has room for one even where the slice
  /// is empty. Every rank calls it, in the same order.
  func reduce(_ leaves: UnsafeMutablePointer<Double>, width: Int, _ kind: PartialSum, over slice: BatchSlice) throws
}

/// The reduction of a process that holds the whole batch.
package final class LocalBatchReduction: BatchReduction {
  package init() {}

  package func reduce(
    _ leaves: UnsafeMutablePointer<Double>, width: Int, _ kind: PartialSum, over slice: BatchSlice
  ) {
    precondition(slice.shards == 0..<slice.layout.shardCount)
    // Leaves at distance 1, 2, 4, ...: the tree over 0 ..< V in place.
    var distance = 1
    while distance < slice.shards.count {
      for left in stride(from: 0, to: slice.shards.count - distance, by: 2 * distance) {
        kind.merge(leaves + left * width, leaves + (left + distance) * width, width: width)
      }
      distance *= 2
    }
  }
}
