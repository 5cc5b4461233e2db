// How often packed filters are read, counted by the engine: no more often with more threads.

import Classification
import Networks
import Options
import Parallelism
import Tensors
import Testing

@Suite struct FilterTrafficTests {
  /// Bytes that a pass forward and one backward read.
  private func bytes(images: Int, threads: Int, width: Int = 16) throws -> Int {
    let pool = ThreadPool(threadCount: threads, cores: threads)
    defer { pool.stop() }
    let engine = Engine(pool: pool, reduction: LocalBatchReduction())
    let choice = Choice("preactresnet18", given: ["model.width": "\(width)"])
    let network = choice.network(NetworkConfiguration(height: 32, width: 32), engine)
    let state = Model(
      parameters: network.parameters, statistics: network.statistics,
      normalisation: Normalisation(mean: [0.5, 0.5, 0.5], deviation: [0.25, 0.25, 0.25])!)
    let slice = BatchSlice(layout: ShardLayout(batchSize: images, shardSize: 1), shards: 0..<images)
    network.reserve(examples: images, shardSize: 1, views: 1)
    network.prepare(state)
    let before = engine.filterBytes
    let pictures = Tensor(Shape(n: images, h: 32, w: 32, c: 3))
    try withExtendedLifetime(pictures) {
      let logits = try network.forward(pictures, state, .running, slice)
      _ = try network.backward(logits, state, .running, slice, gradients: nil)
    }
    return engine.filterBytes - before
  }

  /// One image: every thread count reads every filter once, all 9 taps as 36 or 81 products where they are transformed.
  @Test(arguments: [1, 2, 8, 64]) func onceForOneImage(threads: Int) throws {
    func stage(_ from: Int, _ to: Int) -> Int {
      // The first block's two, the second's two, and the 1x1 of the shortcut; the panels of 32 are full with either vector.
      let first = from == to ? 36 * from * to : 81 * from * to + from * to
      return first + 3 * 36 * to * to
    }
    let transformed = stage(32, 32) + stage(32, 64) + stage(64, 128) + stage(128, 256)
    // Each direction; beside it the stem, whose panels are padded.
    let all = 2 * 4 * transformed
    let read = try bytes(images: 1, threads: threads, width: 32)
    #expect(read >= all && read < all + all / 20, "\(read) of \(all)")
    #expect(try read == bytes(images: 1, threads: 1, width: 32))
  }

  /// Where every thread has a group of its own, all read what one thread would; but the 1x1 of a shortcut, a hundredth of its
  /// block's filters, is read image by image where the block's are shared.
  @Test(arguments: [2, 8, 64]) func noMoreThanOneThread(threads: Int) throws {
    for images in [2, 13, 64] {
      let (one, many) = try (bytes(images: images, threads: 1), bytes(images: images, threads: threads))
      #expect(many <= one + one / 30, "\(images) images: \(many) instead of \(one)")
    }
  }
}
