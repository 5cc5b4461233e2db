// What a step of training has to do, counted: the first half of what a model of its time needs. Machines are the other
// (`NodeFacts`).

import Parallelism

/// Counts of a step of one method and network.
package struct StepWork: Codable, Equatable, Sendable {
  /// Images of all ranks, and of a logical shard.
  package var batch: Int, shardSize: Int
  /// Passes of each image in the attacks, and views of it in the training pass.
  package let attackForward: Int, attackGradient: Int, views: Int
  package let filters: [FilterLayer]
  /// Bytes of maps that an image writes and reads in a pass of each direction.
  package let forwardBytes: Int, gradientBytes: Int, weightGradientBytes: Int
  /// Floats of the flat parameters; bytes of the packed filters of both directions.
  package let parameters: Int, packedBytes: Int
  /// BatchNorm's exchanges, and the Doubles that a subtree of shards brings to them.
  package let exchanges: Int, exchangedDoubles: Int
  /// Parallel loops.
  package let loops: Int

  package init(
    batch: Int, shardSize: Int, attackForward: Int, attackGradient: Int, views: Int, filters: [FilterLayer],
    forwardBytes: Int, gradientBytes: Int, weightGradientBytes: Int, parameters: Int, packedBytes: Int, exchanges: Int,
    exchangedDoubles: Int, loops: Int
  ) {
    self.batch = batch
    self.shardSize = shardSize
    self.attackForward = attackForward
    self.attackGradient = attackGradient
    self.views = views
    self.filters = filters
    self.forwardBytes = forwardBytes
    self.gradientBytes = gradientBytes
    self.weightGradientBytes = weightGradientBytes
    self.parameters = parameters
    self.packedBytes = packedBytes
    self.exchanges = exchanges
    self.exchangedDoubles = exchangedDoubles
    self.loops = loops
  }

  /// The same on another batch.
  package func with(batch: Int) -> StepWork {
    var work = self
    work.batch = batch
    return work
  }

  var layout: ShardLayout { ShardLayout(batchSize: batch, shardSize: shardSize) }

  /// The most ranks that have something to do.
  package var mostRanks: Int { layout.shardCount }

  /// Pairs of a forward pass and an input gradient in the attacks.
  var attackPairs: Double { Double(attackForward + attackGradient) / 2 }
  /// Those that a training pass amounts to, its weight gradient taken as half of one.
  var trainingPairs: Double { 1.5 * Double(views) }

  /// The most images of a rank.
  package func images(ofLargestOf ranks: Int) -> Int { layout.largestShare(of: ranks) }

  /// The most maximal subtrees of shards that a rank brings.
  func subtrees(ofLargestOf ranks: Int) -> Int {
    // Shares of equal length begin at multiples of it.
    if layout.shardCount % ranks == 0 {
      let share = layout.shardCount / ranks
      if share & (share - 1) == 0 { return 1 }
    }
    return (0..<ranks).reduce(1) { max($0, SummationTree.subtreeCount(of: layout.shards(of: $1, size: ranks))) }
  }

  /// Bytes of packed filters that all ranks read in a step: pairs of passes of the attacks and the training pass.
  package func filterBytes(_ layout: RankLayout) -> Double {
    let pairs = attackPairs + Double(views)
    return (0..<layout.ranks).reduce(0) { sum, rank in
      let images = self.layout.examples(ofRank: rank, size: layout.ranks).count
      return sum + pairs * filters.bytes(images: images, threads: layout.threads)
    }
  }

  /// Bytes of maps that all ranks read and write in a step.
  package var activationBytes: Double {
    let image =
      Double(attackForward + views) * Double(forwardBytes) + Double(attackGradient + views) * Double(gradientBytes)
      + Double(views) * Double(weightGradientBytes)
    return Double(batch) * image
  }
}

/// Where a run's work is done: ranks, threads of each, and the nodes that they share evenly.
package struct RankLayout: Codable, Hashable, Sendable {
  package let ranks: Int, threads: Int, nodes: Int

  /// - Precondition: none of them is 0, and there are no more nodes than ranks.
  package init(ranks: Int, threads: Int, nodes: Int = 1) {
    precondition(threads > 0 && nodes > 0 && ranks >= nodes, "ranks on every node expected")
    self.ranks = ranks
    self.threads = threads
    self.nodes = nodes
  }

  /// The most ranks of a node.
  package var ranksPerNode: Int { (ranks + nodes - 1) / nodes }
  /// Threads of all ranks.
  package var threadsInAll: Int { ranks * threads }
}
