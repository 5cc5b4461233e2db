import Datasets
import Networks
import Options
import Parallelism
import Recipes
import Resources
import Tensors
import Testing

/// What a run takes, by formulas; whether they are right is measured in TrainingTests.
@Suite struct MemoryNeedTests {
  private static func need(
    ranks: Int = 1, threads: Int = 1, trains: Bool = true, train: Int = 50_000, test: Int = 10_000,
    _ change: (inout Recipe) -> Void = { _ in }
  ) -> MemoryNeed {
    var recipe = Recipe()
    change(&recipe)
    let network = recipe.model.choice.network(
      NetworkConfiguration(classes: recipe.model.classes ?? 10), .describing())
    return MemoryNeed(
      recipe, network, DatasetExtent(height: 32, width: 32, classCount: 10, train: train, test: test),
      threads: threads, ranks: ranks, trains: trains)
  }

  private static func bytes(_ need: MemoryNeed, _ cause: MemoryPart.Cause, rank: Int = 0) -> Int {
    need.parts(rank: rank).filter { $0.cause == cause }.reduce(0) { $0 + $1.bytes }.value
  }

  @Test func imagesAreBytesTwice() {
    #expect(Self.bytes(Self.need(), .images) == 60_000 * (2 * 3072 + 40))
  }

  /// A batch of 128 in 16 shards of 8; 16 ranks have one each, 5 at most four.
  @Test func shares() {
    let whole = Self.bytes(Self.need { $0.evaluation.batch = 1 }, .batch)
    for (ranks, share) in [(16, 8), (5, 32), (2, 64)] {
      let part = Self.bytes(Self.need(ranks: ranks) { $0.evaluation.batch = 1 }, .batch)
      // The memory of the weight gradients does not shrink with the share.
      #expect(part < whole * share / 128 + 40_000_000 && part > whole * share / 128)
    }
  }

  /// No block is larger than what a rank has to judge.
  @Test func blocksOfEvaluations() {
    #expect(MemoryNeed.evaluationBlock(Recipe(), judged: 10_000, ranks: 1) == Recipe().evaluation.batch)
    var recipe = Recipe()
    recipe.evaluation.batch = 1_000_000
    #expect(MemoryNeed.evaluationBlock(recipe, judged: 10_000, ranks: 3) == 3334)
    #expect(MemoryNeed.evaluationBlock(recipe, judged: 0, ranks: 3) == 1)
    let million = Self.need(trains: false) { $0.evaluation.batch = 1_000_000 }
    let all = Self.need(trains: false) { $0.evaluation.batch = 10_000 }
    #expect(Self.bytes(million, .evaluationBlock) == Self.bytes(all, .evaluationBlock))
  }

  /// An evaluation has the weights once and no gradients: 11,172,176 Floats with gaps, packed filters nine times that.
  @Test func evaluationsTakeLess() {
    let evaluation = Self.bytes(Self.need(trains: false), .network)
    let training = Self.bytes(Self.need(), .network)
    #expect(evaluation > 4 * 11_172_176 && evaluation < 11 * 4 * 11_172_176)
    // Momentum, gradient and its sum, two averages; the copy of weights, momentum and averages.
    #expect(training - evaluation >= (2 + 1 + 2 + 4) * 4 * 11_172_176)
  }

  @Test func manyClassesAreTheirOwnCause() {
    let need = Self.need { $0.model.classes = 65_536 }
    // Two matrices of Int64 a result, two results of three sets of weights, and four on the way.
    #expect(Self.bytes(need, .classes) > 12 * 8 << 32)
    #expect(Self.bytes(Self.need(), .classes) == 16 * 8 * 100)
  }

  /// The largest of everything is counted without overflow, for a million ranks at once.
  @Test func theLargestOfEverything() {
    let clock = ContinuousClock()
    let seconds = clock.measure {
      let need = Self.need(
        ranks: Limits.batch.upperBound, threads: Limits.threads.upperBound, train: Limits.images.upperBound
      ) {
        $0.model.set("width", "\(Limits.width.upperBound)")
        $0.model.classes = Limits.classes.upperBound
        $0.training.batchSize = Limits.batch.upperBound
        $0.training.shards = Limits.batch.upperBound
        $0.evaluation.batch = Limits.batch.upperBound
      }
      let bytes = need.bytesOfAllRanks
      #expect(bytes.largest.value > 1 << 40 && bytes.sum.value > bytes.largest.value)
    }
    #expect(seconds < .seconds(60))
  }

  /// Describing a network takes nothing of it.
  @Test func describingTakesNoMemory() {
    let network = Choice("preactresnet18", given: ["model.width": "1024"]).network(
      NetworkConfiguration(classes: 65_536), .describing())
    // 4 stages of 2 blocks: 256 times the parameters of width 64, and a last layer of 8192 x 65536.
    #expect(network.parameters.count > 256 * 11_000_000 + 8192 * 65_536)
    #expect(network.memory(shardSize: 8).packed > 9 * 256 * 11_000_000)
  }

  /// Worked by hand: 1; 2-3; 4-7 and so on.
  @Test func subtreesAreCountedAsTheyAreMade() {
    for (run, count) in [
      (0..<0, 0), (0..<5, 2), (1..<8, 3), (49..<56, 3), (7..<9, 2), (0..<1 << 40, 1), (1..<1 << 40, 40),
    ] {
      #expect(SummationTree.subtreeCount(of: run) == count, "\(run)")
    }
    for first in 0..<40 {
      for end in first..<70 {
        let made = SummationTree.maximalSubtrees(of: first..<end)
        #expect(SummationTree.subtreeCount(of: first..<end) == made.count)
      }
    }
  }
}
