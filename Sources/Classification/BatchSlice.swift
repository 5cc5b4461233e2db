// The part of a global batch that a rank holds.
//
// A shard's images lie side by side, view after view: with two views of shards of 8 examples, 8 images of the first view, 8 of
// the second, then the next shard.

import Parallelism

/// Which shards of which global batch a rank's tensors hold.
package struct BatchSlice: Equatable, Sendable {
  /// The whole batch.
  package let layout: ShardLayout
  /// The shards here, consecutive; maybe none.
  package let shards: Range<Int>
  /// The images of each example.
  package let views: Views

  package init(layout: ShardLayout, shards: Range<Int>, views: Views = .single) {
    self.layout = layout
    self.shards = shards
    self.views = views
  }

  /// The shards of a rank.
  package init(layout: ShardLayout, rank: Int, size: Int) {
    self.init(layout: layout, shards: layout.shards(of: rank, size: size))
  }

  /// The same examples in other views.
  package func seen(in views: Views) -> BatchSlice { BatchSlice(layout: layout, shards: shards, views: views) }

  /// A batch that is all here, in one shard: what evaluation uses, where no sum over examples is taken.
  package init(whole count: Int) {
    self.init(layout: ShardLayout(batchSize: count, shardSize: max(1, count)), shards: 0..<(count > 0 ? 1 : 0))
  }

  /// Examples here.
  package var count: Int { shards.reduce(0) { $0 + layout.examples(of: $1).count } }

  /// Images here: each example once for each view.
  package var imageCount: Int { count * views.count }

  /// Where a shard's examples lie among those here.
  package func examples(of shard: Int) -> Range<Int> {
    let first = layout.examples(of: shards.lowerBound).lowerBound
    let range = layout.examples(of: shard)
    return range.lowerBound - first..<range.upperBound - first
  }

  /// Where a shard's images lie among those here, all views.
  package func images(of shard: Int) -> Range<Int> {
    let own = examples(of: shard)
    return own.lowerBound * views.count..<own.upperBound * views.count
  }

  /// Where the images of consecutive shards lie among those here, all views.
  package func images(of shards: Range<Int>) -> Range<Int> {
    images(of: shards.lowerBound).lowerBound..<images(of: shards.upperBound - 1).upperBound
  }

  /// Where a shard's images of one view lie among those here.
  package func images(of shard: Int, view: Int) -> Range<Int> {
    let own = examples(of: shard)
    let first = own.lowerBound * views.count + view * own.count
    return first..<first + own.count
  }

  /// The view of an image here.
  package func view(ofImage image: Int) -> Int {
    if views.count == 1 { return 0 }
    let own = images(of: shards.lowerBound + image / (layout.shardSize * views.count))
    return (image - own.lowerBound) / (own.count / views.count)
  }

  /// Calls `body` for the longest runs of images of one view that make up `images`, in order.
  package func forEachRun(of images: Range<Int>, _ body: (_ run: Range<Int>, _ view: Int) -> Void) {
    if views.count == 1 {
      if !images.isEmpty { body(images, 0) }
      return
    }
    var next = images.lowerBound
    while next < images.upperBound {
      let view = view(ofImage: next)
      let end = min(
        images.upperBound,
        self.images(of: shards.lowerBound + next / (layout.shardSize * views.count), view: view).upperBound)
      body(next..<end, view)
      next = end
    }
  }
}
