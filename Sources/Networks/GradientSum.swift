// The gradient of a rank: for each layer the leaves of its shards, added along the tree as they are made.
//
// While the shards of a layer come in order, the sums of finished subtrees lie on a stack of one-layer buffers, at most
// about log2(V) of them; two siblings on top are added at once. What remains are the rank's maximal subtrees.

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
  private var stack: [(node: TreeNode, buffer: Int)] = []
  private var buffers: [Tensor] = []
  private var slice = BatchSlice(whole: 0)

  package init(_ layout: ParameterLayout, pool: ThreadPool) {
    self.layout = layout
    self.pool = pool
    stack.reserveCapacity(64)
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
    // In front of a shard lie the subtrees of the run up to it; a run that starts late has more than its length has bits.
    let first = slice.shards.lowerBound
    let depths = slice.shards.map { SummationTree.maximalSubtrees(of: first..<$0).count + 1 }
    while buffers.count < depths.max() ?? 0 {
      buffers.append(Tensor(Shape(n: 1, c: largest)))
    }
  }

  /// Adds a layer's leaves: `leaf(index, shard, memory)` overwrites `memory` with the gradient of one shard.
  func accumulate(_ slot: ParameterSlot, _ leaf: (_ index: Int, _ shard: Int, UnsafeMutablePointer<Float>) -> Void) {
    stack.removeAll(keepingCapacity: true)
    for (index, shard) in slice.shards.enumerated() {
      var top = (node: TreeNode(level: 0, index: shard), buffer: stack.count)
      leaf(index, shard, buffers[top.buffer].pointer)
      while let left = stack.last, left.node.level == top.node.level, left.node.parent == top.node.parent {
        add(buffers[left.buffer].pointer, buffers[top.buffer].pointer, slot.count)
        stack.removeLast()
        top = (left.node.parent, left.buffer)
      }
      stack.append(top)
    }
    for (index, entry) in stack.enumerated() {
      flats[index][slot].update(from: buffers[entry.buffer].pointer, count: slot.count)
    }
  }

  private func add(_ a: UnsafeMutablePointer<Float>, _ b: UnsafePointer<Float>, _ count: Int) {
    let piece = 1 << 15
    pool.forEach((count + piece - 1) / piece) { i, _ in
      Elementwise.add(a + i * piece, b + i * piece, count: min(piece, count - i * piece))
    }
  }
}
