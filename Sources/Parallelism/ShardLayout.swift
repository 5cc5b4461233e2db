// A global batch of B examples is V logical shards; a rank owns a run of consecutive shards.

/// How the examples of one global batch fall into logical shards, and the shards to ranks.
package struct ShardLayout: Equatable, Sendable {
  /// Examples in this batch, all ranks together.
  package let batchSize: Int
  /// Examples per shard; the last shard may hold fewer.
  package let shardSize: Int

  package init(batchSize: Int, shardSize: Int) {
    precondition(batchSize >= 0 && shardSize > 0)
    self.batchSize = batchSize
    self.shardSize = shardSize
  }

  /// Shards present in this batch.
  package var shardCount: Int { (batchSize + shardSize - 1) / shardSize }

  /// The positions within the batch that a shard holds.
  package func examples(of shard: Int) -> Range<Int> {
    shard * shardSize..<min(batchSize, (shard + 1) * shardSize)
  }

  /// The shards of a rank: consecutive, balanced to within one, possibly none in a small last batch.
  package func shards(of rank: Int, size: Int) -> Range<Int> {
    rank * shardCount / size..<(rank + 1) * shardCount / size
  }

  /// The most examples a rank can hold of this batch, or of a smaller last one, which can give a rank a shard more.
  package func largestShare(of size: Int) -> Int { min(batchSize, (shardCount + size - 1) / size * shardSize) }

  /// The positions within the batch that a rank holds.
  package func examples(ofRank rank: Int, size: Int) -> Range<Int> {
    let run = shards(of: rank, size: size)
    return run.isEmpty ? 0..<0 : examples(of: run.lowerBound).lowerBound..<examples(of: run.upperBound - 1).upperBound
  }
}
