// Sums over the shards of a global batch, bitwise the same on any number of ranks.
//
// The order of every addition is that of `SummationTree` over the shards. A rank brings the sums of its maximal
// subtrees. Long vectors: each is cut into one block per rank; rank r is sent block r of all subtree sums, adds them
// up along the tree, and its block of the total goes to all (the volume of a reduce-scatter and an all-gather: per
// rank, with p ranks and s subtrees each, (s + 1) (p - 1) / p of the vector). Short ones: everybody gets all parts
// and adds them up, which saves a message's latency.

import Parallelism

/// The sums over shards of one rank, with the memory they need: sized at first use, then used again.
///
/// As the communicator, for one thread. All ranks call with the same layouts and lengths in the same order.
package final class TreeReduction {
  private let communicator: any Communicator
  private let blockLength: Int
  private var plans: [TreePlan] = []
  private var blocks: BlockList
  private var receivedBlocks: BlockList
  private var byteCounts: [Int]
  /// Owned: the received blocks of one pass, part after part.
  private var workspace = UnsafeMutableBufferPointer<Float>(start: nil, count: 0)
  /// Owned: the parts of `total`.
  private var parts = UnsafeMutableBufferPointer<Double>(start: nil, count: 0)

  /// - Parameters:
  ///   - communicator: the ranks that sum.
  ///   - blockLength: numbers that a rank adds up in one pass over a long vector; bounds the workspace to that times
  ///     the number of all parts. Passes cost: on busy cores 45 MB took a third of the time in blocks of 4 Mi that they
  ///     took in blocks of 64 Ki. Does not change the result.
  package init(communicator: any Communicator, blockLength: Int = 1 << 22) {
    precondition(blockLength > 0)
    self.communicator = communicator
    // Blocks begin at cache lines.
    self.blockLength = (blockLength + 15) / 16 * 16
    blocks = BlockList(ranks: communicator.size)
    receivedBlocks = BlockList(ranks: communicator.size)
    byteCounts = [Int](repeating: 0, count: communicator.size)
  }

  deinit {
    workspace.deallocate()
    parts.deallocate()
  }

  /// The nodes whose sums this rank brings, ascending; none if it owns no shard.
  package func ownNodes(of layout: ShardLayout) -> ArraySlice<TreeNode> {
    let plan = plan(for: layout)
    return plan.nodes[plan.nodes(of: communicator.rank)]
  }

  /// The nodes whose sums the ranks bring together, ascending.
  package func allNodes(of layout: ShardLayout) -> [TreeNode] { plan(for: layout).nodes }

  /// The total of long vectors over all shards, on every rank.
  ///
  /// - Parameters:
  ///   - own: the sums of `ownNodes(of:)`, each as long as `result`. They are not changed, but where they are `result`.
  ///   - result: may be the memory of `own[0]`, else overlaps none; zero without shards.
  /// - Throws: `Failure` if the ranks cannot talk.
  package func sum(
    _ own: [UnsafeMutableBufferPointer<Float>], layout: ShardLayout, into result: UnsafeMutableBufferPointer<Float>
  ) throws {
    let plan = plan(for: layout)
    let rank = communicator.rank
    let size = communicator.size
    let ownCount = plan.nodes(of: rank).count
    precondition(own.count == ownCount, "rank \(rank) brings \(own.count) sums, the layout says \(ownCount)")
    precondition(own.allSatisfy { $0.count == result.count }, "the sums differ in length from the result")
    guard result.count > 0 else { return }
    guard plan.nodes.count > 0 else { return result.update(repeating: 0) }
    if size == 1 && own.count == 1 { return Self.copy(own[0], to: result) }

    let pass = blockLength * size
    let longest = min(blockLength, Self.blockLength(of: min(pass, result.count), size: size))
    Self.grow(&workspace, to: plan.nodes.count * longest)
    for start in stride(from: 0, to: result.count, by: pass) {
      let total = result.extracting(start..<min(start + pass, result.count))
      let length = Self.blockLength(of: total.count, size: size)
      func block(of peer: Int) -> Range<Int> { min(peer * length, total.count)..<min((peer + 1) * length, total.count) }
      let width = block(of: rank).count
      for round in 0..<plan.rounds {
        for peer in 0..<size {
          let nodes = plan.nodes(of: peer)
          blocks.counts[peer] = round < ownCount ? block(of: peer).count : 0
          blocks.displacements[peer] = round < ownCount ? block(of: peer).lowerBound : 0
          receivedBlocks.counts[peer] = round < nodes.count ? width : 0
          receivedBlocks.displacements[peer] = round < nodes.count ? (nodes.lowerBound + round) * width : 0
        }
        let sent =
          round < ownCount
          ? own[round].extracting(start..<start + total.count) : UnsafeMutableBufferPointer(start: nil, count: 0)
        try communicator.exchange(UnsafeBufferPointer(sent), blocks, into: workspace, receivedBlocks)
      }
      addUp(plan.nodes, width: width)
      for peer in 0..<size { byteCounts[peer] = block(of: peer).count * MemoryLayout<Float>.size }
      try communicator.allGather(
        UnsafeRawBufferPointer(workspace.extracting(0..<width)), into: UnsafeMutableRawBufferPointer(total),
        counts: byteCounts)
    }
  }

  /// The total of long vectors in the communicator's own order over ranks: other bits on another number of ranks.
  ///
  /// - Parameters:
  ///   - own: the sums of `ownNodes(of:)`, each as long as `result`; along the tree they become one, in the first.
  ///   - result: overlaps none of `own`; zero without shards.
  /// - Throws: `Failure` if the ranks cannot talk.
  package func sumInRankOrder(
    _ own: [UnsafeMutableBufferPointer<Float>], layout: ShardLayout, into result: UnsafeMutableBufferPointer<Float>
  ) throws {
    let nodes = Array(ownNodes(of: layout))
    precondition(own.count == nodes.count, "\(own.count) sums for \(nodes.count) nodes")
    precondition(own.allSatisfy { $0.count == result.count }, "the sums differ in length from the result")
    SummationTree.reduceInPlace(nodes: nodes) { into, from in
      for i in 0..<result.count { own[into][i] += own[from][i] }
    }
    if let sum = own.first { _ = result.update(fromContentsOf: sum) } else { result.update(repeating: 0) }
    try communicator.allReduceSum(result)
  }

  /// Adds up the parts in the workspace into the first, a stretch at a time that all parts have room for in the cache.
  private func addUp(_ nodes: [TreeNode], width: Int) {
    guard width > 0, let parts = workspace.baseAddress else { return }
    let stretch = 8192
    for first in stride(from: 0, to: width, by: stretch) {
      let count = min(stretch, width - first)
      SummationTree.reduceInPlace(nodes: nodes) { into, from in
        let left = parts + (into * width + first)
        let right = parts + (from * width + first)
        for i in 0..<count { left[i] += right[i] }
      }
    }
  }

  /// The total of short sums with a merge of the caller's, on every rank: moments, losses.
  ///
  /// - Parameters:
  ///   - own: `width` numbers for each of `ownNodes(of:)`.
  ///   - width: numbers a part.
  ///   - stop: also asks all ranks whether to stop; a word of each rank travels behind its parts.
  ///   - merge: merges the part at its second argument, the right neighbour, into the part at its first.
  /// - Returns: `width` numbers in memory of this object, good until its next `total`; empty without shards.
  /// - Throws: `Interruption` on every rank where one asks to stop.
  package func total(
    _ own: UnsafeBufferPointer<Double>, width: Int, layout: ShardLayout, asking stop: StopAgreement? = nil,
    merge: (UnsafeMutablePointer<Double>, UnsafePointer<Double>) throws -> Void
  ) throws -> UnsafeBufferPointer<Double> {
    let plan = plan(for: layout)
    let (rank, size) = (communicator.rank, communicator.size)
    let ownCount = plan.nodes(of: rank).count
    precondition(width >= 0 && own.count == ownCount * width, "\(own.count) numbers for \(ownCount) parts of \(width)")
    Self.grow(&parts, to: plan.nodes.count * width + size)
    for peer in byteCounts.indices {
      byteCounts[peer] = (plan.nodes(of: peer).count * width + 1) * MemoryLayout<Double>.size
    }
    // The parts of rank r begin behind those of the ranks before it and their r words.
    let mine = parts.extracting(plan.firstNode[rank] * width + rank..<plan.firstNode[rank + 1] * width + rank + 1)
    _ = mine.update(fromContentsOf: own)
    mine[own.count] = Double(stop?.request().rawValue ?? 0)
    try communicator.allGather(
      UnsafeRawBufferPointer(mine), into: UnsafeMutableRawBufferPointer(parts), counts: byteCounts)
    if let stop {
      var greatest = 0.0
      for peer in 0..<size { greatest = max(greatest, parts[plan.firstNode[peer + 1] * width + peer]) }
      try stop.conclude(Int(greatest))
    }
    guard let first = plan.owner.first, let memory = parts.baseAddress else {
      return UnsafeBufferPointer(parts.extracting(0..<0))
    }
    func part(_ node: Int) -> UnsafeMutablePointer<Double> { memory + node * width + plan.owner[node] }
    try SummationTree.reduceInPlace(nodes: plan.nodes) { into, from in
      try merge(part(into), UnsafePointer(part(from)))
    }
    return UnsafeBufferPointer(parts.extracting(first..<first + width))
  }

  /// A run knows few layouts: the whole batch and the last of an epoch.
  private func plan(for layout: ShardLayout) -> TreePlan {
    for plan in plans where plan.layout == layout { return plan }
    let plan = TreePlan(layout: layout, size: communicator.size)
    plans.append(plan)
    return plan
  }

  /// The length of the ranks' blocks but for the last: whole cache lines.
  private static func blockLength(of count: Int, size: Int) -> Int { (count + size * 16 - 1) / (size * 16) * 16 }

  private static func copy(
    _ source: UnsafeMutableBufferPointer<Float>, to target: UnsafeMutableBufferPointer<Float>
  ) {
    guard source.baseAddress != target.baseAddress else { return }
    _ = target.update(fromContentsOf: source)
  }

  private static func grow<Element: BitwiseCopyable>(
    _ buffer: inout UnsafeMutableBufferPointer<Element>, to count: Int
  ) {
    guard buffer.count < count else { return }
    buffer.deallocate()
    let bytes = UnsafeMutableRawBufferPointer.allocate(
      byteCount: count * MemoryLayout<Element>.stride, alignment: 64)
    buffer = bytes.bindMemory(to: Element.self)
  }
}
