// The gradient of a rank: for each layer the leaves of its shards, added along the tree as they are made.
//
// While the shards of a layer come in order, the first sum of a maximal subtree lies where its result will, the others
// in a few buffers of one layer's size. Small layers' leaves fit into these buffers all together; then each thread makes some.

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

  /// Adds a layer's leaves, of which each thread makes some whole: without the threads waiting for each other many times a leaf.
  /// The bits are the same.
  ///
  /// - Parameters:
  ///   - atOnce: as above.
  ///   - leaf: as above, of any thread, with the scratch memory of its worker.
  /// - Returns: whether it was done: not where there are too few leaves for all threads to be at work, or no room for all of them.
  func accumulateApart(
    _ slot: ParameterSlot, atOnce: Int, _ engine: Engine,
    leaf: (_ shards: Range<Int>, UnsafeMutablePointer<Float>, Scratch) -> Void
  ) -> Bool {
    precondition(engine.pool === pool, "threads of another engine")
    var count = 0
    for node in nodes { count += leaves(of: node, atOnce) }
    let threads = pool.concurrency
    let rounds = (count + threads - 1) / threads
    // Leaves begin on a cache line.
    let pitch = (slot.count + 15) / 16 * 16
    let room = buffers.reduce(0) { $0 + $1.count / pitch }
    // A quarter of the threads' time is the most that they may be without a leaf.
    guard threads > 1, 4 * count >= 3 * rounds * threads, room >= count - nodes.count else { return false }
    /// The first leaf of a node lies where its sum will, the others side by side in the buffers.
    func memory(_ node: Int, _ leaf: Int, before: Int) -> UnsafeMutablePointer<Float> {
      if leaf == 0 { return flats[node][slot] }
      let spare = before + leaf - node - 1
      let each = buffers[0].count / pitch
      return buffers[spare / each].pointer + spare % each * pitch
    }
    engine.forEach(count) { piece, scratch in
      var (node, before) = (0, 0)
      while piece - before >= leaves(of: nodes[node], atOnce) {
        before += leaves(of: nodes[node], atOnce)
        node += 1
      }
      let shards = nodes[node].shards
      let first = shards.lowerBound + (piece - before) * atOnce
      leaf(first..<min(first + atOnce, shards.upperBound), memory(node, piece - before, before: before), scratch)
    }
    let length = 1 << 12
    pool.forEach((slot.count + length - 1) / length) { i, _ in
      let (at, size) = (i * length, min(length, slot.count - i * length))
      var before = 0
      for node in nodes.indices {
        let own = leaves(of: nodes[node], atOnce)
        SummationTree.reduceLeaves(own) { into, from in
          Elementwise.add(memory(node, into, before: before) + at, memory(node, from, before: before) + at, count: size)
        }
        before += own
      }
    }
    return true
  }

  private func leaves(of node: TreeNode, _ atOnce: Int) -> Int { (node.shards.count + atOnce - 1) / atOnce }

  private func add(_ a: UnsafeMutablePointer<Float>, _ b: UnsafePointer<Float>, _ count: Int) {
    let piece = 1 << 15
    pool.forEach((count + piece - 1) / piece) { i, _ in
      Elementwise.add(a + i * piece, b + i * piece, count: min(piece, count - i * piece))
    }
  }
}
