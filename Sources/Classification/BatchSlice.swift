// The part of a global batch that a rank holds.

import Parallelism

/// Which shards of which global batch a rank's tensors hold.
package struct BatchSlice: Equatable, Sendable {
  /// The whole batch.
  package let layout: ShardLayout
  /// The shards here, consecutive; maybe none.
  package let shards: Range<Int>

  package init(layout: ShardLayout, shards: Range<Int>) {
    self.layout = layout
    self.shards = shards
  }

  /// The shards of a rank.
  package init(layout: ShardLayout, rank: Int, size: Int) {
    self.init(layout: layout, shards: layout.shards(of: rank, size: size))
  }

  /// A batch that is all here, in one shard: what evaluation uses, where no sum over examples is taken.
  package init(whole count: Int) {
    self.init(layout: ShardLayout(batchSize: count, shardSize: max(1, count)), shards: 0..<(count > 0 ? 1 : 0))
  }

  /// Examples here.
  package var count: Int { shards.reduce(0) { $0 + layout.examples(of: $1).count } }

  /// Where a shard's examples lie among those here.
  package func local(_ shard: Int) -> Range<Int> {
    let first = layout.examples(of: shards.lowerBound).lowerBound
    let range = layout.examples(of: shard)
    return range.lowerBound - first..<range.upperBound - first
  }

  /// Where the examples of consecutive shards lie among those here.
  package func local(_ shards: Range<Int>) -> Range<Int> {
    local(shards.lowerBound).lowerBound..<local(shards.upperBound - 1).upperBound
  }
}
