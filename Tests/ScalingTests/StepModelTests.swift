// The model of a step against a case worked by hand, and the count of packed filters.

import Failures
import Scaling
import Testing

/// 16 images in shards of 4; three pairs of passes in the attack, one training pass, which counts as 1.5.
private func work(filters: Int = 1000) -> StepWork {
  StepWork(
    batch: 16, shardSize: 4, attackForward: 3, attackGradient: 3, views: 1,
    filters: [
      FilterLayer(
        count: 2, tiles: 4, isTransformed: false, groupImages: 2, forwardBytes: filters, gradientBytes: filters)
    ],
    forwardBytes: 100, gradientBytes: 200, weightGradientBytes: 100, parameters: 1000, packedBytes: 4 * filters,
    exchanges: 10, exchangedDoubles: 500, loops: 90)
}

/// A core reads 1 MB/s, a node of four 2 MB/s; loops 1 ms for each doubling.
private let node = NodeFacts(
  cores: 4, bandwidth: 2e6, coreBandwidth: 1e6, cache: 0, loop: 1e-3, localLatency: 1e-3, latency: 4e-3,
  networkBandwidth: 1e6)

/// 10 ms of arithmetic an image, and filters once for each two of them.
private let times = PassTimes(
  [(1, 0.014), (2, 0.024), (4, 0.048)].map { PassTimes.Point(images: $0, seconds: $1) }, bandwidth: 1e6, cache: 0)

@Suite struct StepModelTests {
  /// One rank of one thread: all 16 images in eight groups, which read 4 kB each. The points' last line, 12 ms an image, gives 192 ms
  /// a pair, of which 32 ms are filters.
  @Test func oneThread() {
    let estimate = StepModel(work(), node: node, times: times).estimate(RankLayout(ranks: 1, threads: 1))
    let pair = 0.192
    #expect(abs(estimate.attack - 3 * pair) < 1e-12 && abs(estimate.training - 1.5 * pair) < 1e-12)
    #expect(abs(estimate.arithmetic - 4.5 * 0.16) < 1e-12 && abs(estimate.memory - 4.5 * 0.032) < 1e-12)
    #expect(estimate.statistics == 0 && estimate.reduction == 0 && estimate.loops == 0)
    // 4 kB packed and 32 bytes for each of 1000 parameters, at 1 MB/s.
    #expect(abs(estimate.rest - 0.036) < 1e-12)
    #expect(abs(estimate.imagesPerSecond - 16 / (4.5 * pair + 0.036)) < 1e-9)
  }

  /// Two nodes with two ranks of two threads each. A rank has 4 images, a thread two: 24 ms measured, 4 ms of it filters. A thread of
  /// a full node has 0.5 MB/s; each reads 4 kB: 8 ms. Maps are 600 bytes a thread: less than the arithmetic.
  @Test func twoNodes() {
    let layout = RankLayout(ranks: 4, threads: 2, nodes: 2)
    let estimate = StepModel(work(), node: node, times: times).estimate(layout)
    #expect(abs(estimate.arithmetic - 4.5 * 0.020) < 1e-12 && abs(estimate.memory - 4.5 * 0.008) < 1e-12)
    // 90 loops of 1 ms, in the attack and the training pass as 3 to 1.5.
    #expect(abs(estimate.loops - 0.09) < 1e-12)
    #expect(abs(estimate.attack - (3 * 0.028 + 0.06)) < 1e-12)
    // Ten times 1 + 4 ms; 4 kB to each of three others at 0.5 MB/s; two ranks' for the two outside over the network.
    #expect(abs(estimate.statistics - (10 * 0.005 + 4e3 * 3 / 0.5e6 + 4e3 * 2 * 2 / 1e6)) < 1e-12)
    // Two collectives of three messages; two ranks send 4 kB as parts and as a total, half of it to the other node.
    #expect(abs(estimate.reduction - (2 * 3 * 4e-3 + 16e3 * (2 / 2e6 + 0.5 / 1e6))) < 1e-12)
    #expect(abs(estimate.rest - 0.036) < 1e-12)
    #expect(abs(estimate.seconds - estimate.causes.reduce(0) { $0 + $1.seconds }) < 1e-12)
  }

  @Test func moreThreadsThanCoresTakeTurns() {
    let layout = RankLayout(ranks: 2, threads: 4)
    let calm = NodeFacts(cores: 8, bandwidth: 4e6, coreBandwidth: 0.5e6, loop: 1e-3, localLatency: 1e-3)
    var busy = calm
    (busy.cores, busy.bandwidth) = (4, 2e6)
    let (one, two) = (calm, busy)
    let fast = StepModel(work(), node: one, times: times).estimate(layout)
    let slow = StepModel(work(), node: two, times: times).estimate(layout)
    #expect(abs(slow.attack / fast.attack - 2) < 1e-9 && abs(slow.rest / fast.rest - 2) < 1e-9)
  }

  /// Where all ranks' filters lie in the caches, more threads read no more from memory.
  @Test func cachesHoldSmallFilters() {
    var node = node
    node.cache = 8000
    let model = StepModel(work(), node: node, times: times)
    #expect(model.estimate(RankLayout(ranks: 2, threads: 2)).memory == 0)
    #expect(model.estimate(RankLayout(ranks: 4, threads: 1)).memory > 0)
  }

  /// What the busiest thread of a rank with most shards does is what a step takes.
  @Test func unequalSharesWaitForTheLargest() {
    let model = StepModel(work(), node: node, times: times)
    let three = model.estimate(RankLayout(ranks: 3, threads: 1))
    let two = model.estimate(RankLayout(ranks: 2, threads: 1))
    #expect(three.arithmetic == two.arithmetic)
  }

  @Test func scalesToAMeasuredStep() {
    let plain = StepModel(work(), node: node, times: times).estimate(RankLayout(ranks: 1, threads: 1))
    let scaled = StepModel(work(), node: node, times: times, scale: (2, 3)).estimate(RankLayout(ranks: 1, threads: 1))
    #expect(abs(scaled.attack - 2 * plain.attack) < 1e-12 && abs(scaled.rest - 3 * plain.rest) < 1e-12)
  }

  @Test func timesBetweenAndBeyondPoints() {
    #expect(abs(times.seconds(3) - 0.036) < 1e-12)
    #expect(abs(times.seconds(8) - 0.096) < 1e-12)
    let one = PassTimes([PassTimes.Point(images: 4, seconds: 0.04)], bandwidth: 1, cache: 0)
    #expect(abs(one.seconds(1) - 0.01) < 1e-12)
  }
}

@Suite struct FilterReadingTests {
  private func layer(tiles: Int, isTransformed: Bool) -> FilterLayer {
    FilterLayer(
      count: 1, tiles: tiles, isTransformed: isTransformed, groupImages: 64, forwardBytes: 30, gradientBytes: 70)
  }

  /// ⌈n / g⌉ groups, as many as threads at least, and never more than images.
  @Test(arguments: [(64, 1, 1), (65, 1, 2), (64, 8, 8), (4, 8, 4), (130, 2, 4), (0, 2, 0)])
  func groups(images: Int, threads: Int, readings: Int) {
    #expect(layer(tiles: 1, isTransformed: false).readings(images: images, threads: threads) == readings)
  }

  /// One tile an image, as of a map of 4x4: threads share the filters for 64 tiles each; one thread has nobody to share with.
  @Test(arguments: [(64, 8, 1), (512, 8, 1), (513, 8, 2), (32, 1, 1), (130, 1, 3)])
  func sharingOfDeepLayers(images: Int, threads: Int, readings: Int) {
    #expect(layer(tiles: 1, isTransformed: true).readings(images: images, threads: threads) == readings)
  }

  /// 16 tiles an image: shared where all of them are at most 64 a thread, else in groups of which each thread has one.
  @Test(arguments: [(32, 8, 1), (33, 8, 8), (4, 1, 1), (256, 64, 1)])
  func sharingOfWiderMaps(images: Int, threads: Int, readings: Int) {
    #expect(layer(tiles: 16, isTransformed: true).readings(images: images, threads: threads) == readings)
  }

  @Test func bytesOfAStep() {
    // Two ranks of two threads, two shards of four images each: 8 images in four groups of two layers, 2 kB both directions;
    // four pairs of passes.
    #expect(work().filterBytes(RankLayout(ranks: 2, threads: 2)) == 2 * 4 * 4 * 2 * 2000)
    #expect(work().activationBytes == 16 * (4 * 100 + 4 * 200 + 100))
  }
}

@Suite struct LayoutChoiceTests {
  /// Filters that take long to read, as every thread does: one rank or four make no difference to that, exchanges do.
  @Test func exchangesSpeakForThreads() throws {
    var slow = node
    (slow.localLatency, slow.loop) = (1, 0)
    let choice = LayoutChoice(StepModel(work(), node: slow, times: times), nodes: 1)
    #expect(choice.estimates.count == 3)
    let best = try #require(choice.best)
    #expect(best.layout == RankLayout(ranks: 1, threads: 4))
    let reason = try #require(LayoutChoice.reason(best, against: choice.estimates[2]))
    #expect(reason.cause == "exchanges of statistics" && reason.best == 0 && reason.other > 10)
  }

  @Test func loopsSpeakForRanks() throws {
    var slow = node
    (slow.localLatency, slow.loop) = (0, 1)
    let choice = LayoutChoice(StepModel(work(), node: slow, times: times), nodes: 1)
    #expect(choice.best?.layout == RankLayout(ranks: 4, threads: 1))
    // A batch of 16 has four shards: two nodes have at most two ranks each.
    let two = LayoutChoice(StepModel(work(), node: slow, times: times), nodes: 2)
    #expect(two.best?.layout == RankLayout(ranks: 4, threads: 2, nodes: 2))
    #expect(LayoutChoice(StepModel(work(), node: slow, times: times), nodes: 5).best == nil)
  }
}
