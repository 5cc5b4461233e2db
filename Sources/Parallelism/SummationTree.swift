// The one order in which sums over examples are taken.
//
// The leaves are the logical shards 0 ..< V of a global batch. Node (level, index) covers the shards
// index·2^level ..< (index + 1)·2^level; its sum is left child + right child. A node with an absent right child (beyond
// the last shard) is its left child, unchanged: nothing is added as zero. So the bits of a sum depend on V alone, not
// on who computed which part.

/// A node of the fixed binary tree over the shards.
package struct TreeNode: Hashable, Sendable {
  /// 0 for a leaf.
  package var level: Int
  /// Position among the nodes of its level.
  package var index: Int

  package init(level: Int, index: Int) {
    self.level = level
    self.index = index
  }

  /// The shards below this node, were none absent.
  package var shards: Range<Int> { index << level..<(index + 1) << level }

  /// The node above.
  package var parent: TreeNode { TreeNode(level: level + 1, index: index >> 1) }
}

/// The order of summation over shards.
package enum SummationTree {
  /// The maximal subtrees that exactly cover a run of consecutive shards, in ascending order.
  package static func maximalSubtrees(of run: Range<Int>) -> [TreeNode] {
    var nodes: [TreeNode] = []
    var first = run.lowerBound
    while first < run.upperBound {
      var level = first == 0 ? Int.bitWidth - 2 : first.trailingZeroBitCount
      while first + (1 << level) > run.upperBound { level -= 1 }
      nodes.append(TreeNode(level: level, index: first >> level))
      first += 1 << level
    }
    return nodes
  }

  /// How many there are of these, without making them.
  ///
  /// Between the two ends climbs a tree: a subtree falls off at each odd left end and at each odd right end.
  package static func subtreeCount(of run: Range<Int>) -> Int {
    var (first, end, count) = (run.lowerBound, run.upperBound, 0)
    while first < end {
      if first & 1 == 1 {
        first += 1
        count += 1
      }
      if end & 1 == 1 {
        end -= 1
        count += 1
      }
      (first, end) = (first >> 1, end >> 1)
    }
    return count
  }

  /// Reduces partial sums, given in ascending order of disjoint nodes that cover all shards, to one.
  ///
  /// - Parameter add: adds its second argument, the right neighbour, to its first.
  package static func reduce<Value>(
    _ parts: [(node: TreeNode, value: Value)], add: (inout Value, Value) throws -> Void
  ) rethrows -> Value? {
    var parts = parts
    var level = 0
    while parts.count > 1 {
      var next: [(node: TreeNode, value: Value)] = []
      next.reserveCapacity(parts.count)
      for part in parts {
        if part.node.level == level, let last = next.last, last.node.level == level,
          last.node.parent == part.node.parent
        {
          try add(&next[next.count - 1].value, part.value)
        } else {
          next.append(part)
        }
      }
      for i in next.indices where next[i].node.level == level { next[i].node = next[i].node.parent }
      parts = next
      level += 1
    }
    return parts.first?.value
  }

  /// Reduces the leaves of one node where they lie, without allocating.
  ///
  /// - Parameters:
  ///   - count: leaves of the node that there are; the first is its leftmost.
  ///   - add: adds the leaf, or what was added to it, at the second index, the right neighbour, to that at the first.
  /// - Postcondition: leaf 0 is the node's sum; the others have been used up.
  @inlinable
  package static func reduceLeaves(_ count: Int, add: (_ into: Int, _ from: Int) throws -> Void) rethrows {
    // Neighbours at distance 1, 2, 4, ...
    var distance = 1
    while distance < count {
      for left in stride(from: 0, to: count - distance, by: 2 * distance) { try add(left, left + distance) }
      distance *= 2
    }
  }

  /// Makes the leaves of one node in order and adds them up as they come, in few places.
  ///
  /// - Parameters:
  ///   - count: leaves of the node that there are, one or more; the first is its leftmost.
  ///   - leaf: makes a leaf at a place below `places(count)`.
  ///   - add: adds what is at the second place, the right neighbour, to what is at the first.
  /// - Postcondition: place 0 has the node's sum.
  @inlinable
  package static func accumulate(
    _ count: Int, leaf: (_ index: Int, _ place: Int) throws -> Void, add: (_ into: Int, _ from: Int) throws -> Void
  ) rethrows {
    var held = 0
    for index in 0..<count {
      try leaf(index, held)
      held += 1
      // A leaf completes as many nodes as its number has trailing ones, the last leaf all that are left.
      var completed = index == count - 1 ? held - 1 : (index + 1).trailingZeroBitCount
      while completed > 0 {
        try add(held - 2, held - 1)
        held -= 1
        completed -= 1
      }
    }
  }

  /// The places that `accumulate` needs for so many leaves.
  @inlinable
  package static func places(_ count: Int) -> Int { Int.bitWidth - count.leadingZeroBitCount }

  /// Reduces partial sums where they lie: the same sums as `reduce`, without allocating.
  ///
  /// - Parameters:
  ///   - nodes: ascending, disjoint, covering all shards; part `i` is the sum of `nodes[i]`.
  ///   - add: adds the part with the second index, the right neighbour, to the part with the first.
  /// - Postcondition: part 0 is the total; the others have been used up.
  @inlinable
  package static func reduceInPlace(nodes: [TreeNode], add: (_ into: Int, _ from: Int) throws -> Void) rethrows {
    guard let last = nodes.last else { return }
    var level = last.level
    while last.index >> (level - last.level) > 0 { level += 1 }
    try reduceInPlace(nodes, 0..<nodes.count, below: TreeNode(level: level, index: 0), add)
  }

  /// The same for parts of equal length in one flat array.
  ///
  /// - Parameters:
  ///   - width: elements a part.
  ///   - storage: `nodes.count * width` elements, part after part; afterwards the first `width` are the total.
  ///   - add: adds the part at its second argument, the right neighbour, to the part at its first.
  @inlinable
  package static func reduceInPlace<Element>(
    nodes: [TreeNode], width: Int, storage: UnsafeMutableBufferPointer<Element>,
    add: (UnsafeMutablePointer<Element>, UnsafePointer<Element>) throws -> Void
  ) rethrows {
    precondition(width >= 0 && storage.count >= nodes.count * width)
    guard width > 0, let parts = storage.baseAddress else { return }
    try reduceInPlace(nodes: nodes) { into, from in
      try add(parts + into * width, UnsafePointer(parts + from * width))
    }
  }

  /// Sums the parts of a run, all of them below `node`, into the first of the run.
  @usableFromInline
  package static func reduceInPlace(
    _ nodes: [TreeNode], _ run: Range<Int>, below node: TreeNode, _ add: (Int, Int) throws -> Void
  ) rethrows {
    guard run.count > 1 else { return }
    let left = TreeNode(level: node.level - 1, index: node.index << 1)
    let right = TreeNode(level: node.level - 1, index: left.index + 1)
    var middle = run.lowerBound
    while middle < run.upperBound && nodes[middle].shards.lowerBound < right.shards.lowerBound { middle += 1 }
    try reduceInPlace(nodes, run.lowerBound..<middle, below: left, add)
    try reduceInPlace(nodes, middle..<run.upperBound, below: right, add)
    if middle > run.lowerBound && middle < run.upperBound { try add(run.lowerBound, middle) }
  }
}
