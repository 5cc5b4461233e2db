// The gradient of a rank: for each layer the leaves of its shards, added along the tree as they are made.
//
// While the shards of a layer come in order, the first sum of a maximal subtree lies where its result will, the others
// in a few buffers of one layer's size.

import Classification
import Kernels
import Parallelism
import Tensors

/// Sums of leaves over a rank's maximal subtrees, in flat memory.
package final class GradientSum {
  /// One flat buffer for each maximal subtree of the slice, ascending.
  package private(set) var nodes: [TreeNode] = []
  private var flats: [ParameterBuffer] = []
  private let layout: ParameterLayout
  private let pool: ThreadPool
  private var buffers: [Tensor] = []
  private var slice = BatchSlice(whole: 0)

  package init(_ layout: ParameterLayout, pool: ThreadPool) {
    self.layout = layout
    self.pool = pool
  }

  /// The sum of subtree `index` of `nodes`.
  package func part(_ index: Int) -> ParameterBuffer { flats[index] }

  /// Starts the gradient of a batch.
  package func begin(_ slice: BatchSlice) {
    if slice == self.slice { return }
    self.slice = slice
    nodes = SummationTree.maximalSubtrees(of: slice.shards)
    while flats.count < max(1, nodes.count) { flats.append(ParameterBuffer(layout)) }
    let largest = layout.slots.reduce(0) { max($0, $1.count) }
    // As many as a run of so many shards can need, wherever it starts.
    while buffers.count < SummationTree.places(slice.shards.count) - 1 {
      buffers.append(Tensor(Shape(n: 1, c: largest)))
    }
  }

  /// Adds a layer's leaves.
  ///
  /// - Parameters:
  ///   - atOnce: shards whose sum `leaf` takes itself, along the tree; a power of two.
  ///   - leaf: overwrites memory with the gradient of some shards of one node.
  func accumulate(
    _ slot: ParameterSlot, atOnce: Int = 1, leaf: (_ shards: Range<Int>, UnsafeMutablePointer<Float>) -> Void
  ) {
    for (index, node) in nodes.enumerated() {
      let sum = flats[index][slot]
      func memory(_ place: Int) -> UnsafeMutablePointer<Float> { place == 0 ? sum : buffers[place - 1].pointer }
      let shards = node.shards
      SummationTree.accumulate(
        (shards.count + atOnce - 1) / atOnce,
        leaf: { part, place in
          let first = shards.lowerBound + part * atOnce
          leaf(first..<min(first + atOnce, shards.upperBound), memory(place))
        }, add: { add(memory($0), memory($1), slot.count) })
    }
  }

  private func add(_ a: UnsafeMutablePointer<Float>, _ b: UnsafePointer<Float>, _ count: Int) {
    let piece = 1 << 15
    pool.forEach((count + piece - 1) / piece) { i, _ in
      Elementwise.add(a + i * piece, b + i * piece, count: min(piece, count - i * piece))
    }
  }
}
