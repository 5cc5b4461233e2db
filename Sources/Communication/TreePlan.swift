// Who brings which nodes of the summation tree: a function of the layout and the number of ranks, so nobody asks.

import Parallelism

/// The parts of one sum over shards and the ranks that bring them.
final class TreePlan {
  let layout: ShardLayout
  /// The maximal subtrees of all ranks, ascending; rank after rank, because ranks own consecutive shards.
  let nodes: [TreeNode]
  /// The place in `nodes` of each rank's first node; one more at the end.
  let firstNode: [Int]
  /// The rank that brings each node.
  let owner: [Int]
  /// The most nodes any rank brings.
  let rounds: Int

  init(layout: ShardLayout, size: Int) {
    self.layout = layout
    var nodes: [TreeNode] = []
    var firstNode = [0]
    var owner: [Int] = []
    for rank in 0..<size {
      nodes += SummationTree.maximalSubtrees(of: layout.shards(of: rank, size: size))
      firstNode.append(nodes.count)
      owner += [Int](repeating: rank, count: nodes.count - owner.count)
    }
    self.nodes = nodes
    self.firstNode = firstNode
    self.owner = owner
    rounds = (0..<size).map { firstNode[$0 + 1] - firstNode[$0] }.max() ?? 0
  }

  /// The places in `nodes` of a rank's.
  func nodes(of rank: Int) -> Range<Int> { firstNode[rank]..<firstNode[rank + 1] }
}
