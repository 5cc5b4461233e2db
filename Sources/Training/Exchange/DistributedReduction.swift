// BatchNorm's sums over all ranks: own leaves to own subtrees, subtrees over the ranks.

import Classification
import Communication
import Methods
import Networks
import Parallelism

/// The batch reduction over the ranks of a communicator, which also asks them whether to stop; it keeps the time that
/// takes.
final class DistributedReduction: BatchReduction {
  private let tree: TreeReduction
  private let stop: StopAgreement
  /// Seconds spent since they were last taken.
  private(set) var seconds = 0.0

  init(_ tree: TreeReduction, asking stop: StopAgreement) {
    self.tree = tree
    self.stop = stop
  }

  /// The seconds spent, which then start from zero.
  func takeSeconds() -> Double {
    defer { seconds = 0 }
    return seconds
  }

  func reduce(
    _ leaves: UnsafeMutablePointer<Double>, width: Int, _ kind: PartialSum, over slice: BatchSlice
  ) throws {
    let start = monotonicSeconds()
    defer { seconds += monotonicSeconds() - start }
    let nodes = tree.ownNodes(of: slice.layout)
    for (place, node) in nodes.enumerated() {
      let first = leaves + (node.shards.lowerBound - slice.shards.lowerBound) * width
      SummationTree.reduceLeaves(node.shards.count) { kind.merge(first + $0 * width, first + $1 * width, width: width) }
      (leaves + place * width).update(from: first, count: width)
    }
    let own = UnsafeBufferPointer(start: UnsafePointer(leaves), count: nodes.count * width)
    let total = try tree.total(own, width: width, layout: slice.layout, asking: stop) {
      kind.merge($0, $1, width: width)
    }
    if let first = total.baseAddress { leaves.update(from: first, count: width) }
  }
}
