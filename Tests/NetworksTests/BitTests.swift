// The promise that bits depend on the batch alone: not on threads, not on who holds which shard, not on neighbours.

import Classification
import Networks
import Options
import Oracle
import Parallelism
import Parity
import Tensors
import Testing

@Suite struct BitTests {
  static let data = OracleData(seed: 21)
  /// Every network that there is, small.
  static let choices = models.names.map { name in
    Choice(
      name,
      given: [
        "model.width": "8", "model.blocks": "1", "model.widen-factor": "1", "model.dim": "32", "model.depth": "2",
        "model.heads": "2",
      ])
  }

  static func engine(
    _ choice: Choice, threads: Int = 1, reduction: any BatchReduction = LocalBatchReduction()
  ) -> EngineNetwork {
    let outline = choice.network(NetworkConfiguration(height: 16, width: 16), .describing())
    let values = OracleResidualNetwork.addressedState(
      outline.parameters.slots.map { ($0.name, $0.shape) }, seed: data.seed)
    return EngineNetwork(choice, values, height: 16, width: 16, threads: threads, reduction: reduction)
  }

  static func pictures(_ examples: Range<Int>) -> Tensor {
    Tensor(pictures: data.pixels(examples, height: 16, width: 16))
  }

  /// Everything a rank gets from a batch.
  struct Result: Equatable, Sendable {
    var logits: [UInt32] = []
    var dPictures: [UInt32] = []
    var gradient: [UInt32] = []
    var statistics: [UInt32] = []
  }

  /// A batch of 13 in shards of 2, the last of one, on any number of threads.
  @Test(arguments: [BatchStatistics.batchUpdatingRunning, .running], choices)
  func threads(mode: BatchStatistics, choice: Choice) throws {
    let labels = Self.data.labels(0..<13)
    var results: [Result] = []
    let counts = [1, 2, 3, 8, 64]
    for threads in counts {
      let engine = Self.engine(choice, threads: threads)
      let slice = engine.slice(13, shardSize: 2)
      let sum = GradientSum(engine.network.parameters, pool: engine.pool)
      let pass = try engine.pass(Self.pictures(0..<13), labels: labels, mode, slice, gradients: sum)
      let attack = try engine.pass(Self.pictures(0..<13), labels: labels, mode, slice)
      results.append(
        Result(
          logits: pass.logits.bits, dPictures: attack.dPictures.bits, gradient: engine.total(sum).values.bits,
          statistics: engine.state.statistics.values.bits))
    }
    for (threads, result) in zip(counts, results) {
      let isEqual = result == results[0]
      #expect(isEqual, "\(threads) threads")
    }
    let isZero = results[0].gradient.allSatisfy { $0 == 0 }
    #expect(!isZero)
  }

  /// Any run of shards, with running statistics: its subtrees, joined with those of its neighbours, are the whole sum.
  @Test(arguments: choices) func everyRunOfShards(choice: Choice) throws {
    let count = 11
    let layout = ShardLayout(batchSize: count, shardSize: 1)
    let labels = Self.data.labels(0..<count)
    let engine = Self.engine(choice)
    let sum = GradientSum(engine.network.parameters, pool: engine.pool)
    func parts(_ run: Range<Int>) throws -> [(node: TreeNode, value: [Float])] {
      let slice = BatchSlice(layout: layout, shards: run)
      _ = try engine.pass(Self.pictures(run), labels: Array(labels[run]), .running, slice, gradients: sum)
      #expect(sum.nodes == SummationTree.maximalSubtrees(of: run))
      return sum.nodes.enumerated().map { (node: $1, value: sum.part($0).values.array) }
    }
    let whole = engine.buffer(of: try parts(0..<count)).values.bits
    for first in 0..<count {
      let left = first == 0 ? [] : try parts(0..<first)
      for end in first + 1...count {
        let right = end == count ? [] : try parts(end..<count)
        let isEqual = engine.buffer(of: left + (try parts(first..<end)) + right).values.bits == whole
        #expect(isEqual, "\(first)..<\(end)")
      }
    }
  }

  /// A run that starts at an odd shard holds more subtrees than its length has bits: rank 7 of 8 with 56 shards.
  @Test func aLateRunOfShards() throws {
    let layout = ShardLayout(batchSize: 56, shardSize: 1)
    let engine = Self.engine(Self.choices[0])
    let sum = GradientSum(engine.network.parameters, pool: engine.pool)
    let slice = BatchSlice(layout: layout, rank: 7, size: 8)
    #expect(slice.shards == 49..<56)
    _ = try engine.pass(
      Self.pictures(49..<56), labels: Self.data.labels(49..<56), .running, slice, gradients: sum)
    #expect(sum.nodes.map(\.level) == [0, 1, 2])
  }

  /// Ranks as threads of this process, in train mode, more of them than shards too.
  @Test(arguments: [2, 3, 4, 8], choices) func ranks(size: Int, choice: Choice) throws {
    let layout = ShardLayout(batchSize: 13, shardSize: 2)
    func run(rank: Int, size: Int, _ reduction: any BatchReduction) throws -> (
      result: Result, parts: [(node: TreeNode, value: [Float])]
    ) {
      let engine = Self.engine(choice, reduction: reduction)
      let slice = BatchSlice(layout: layout, rank: rank, size: size)
      let examples = layout.examples(ofRank: rank, size: size)
      let sum = GradientSum(engine.network.parameters, pool: engine.pool)
      let labels = Self.data.labels(examples)
      engine.network.reserve(examples: 13, shardSize: 2)
      let pictures = Self.pictures(examples)
      let pass = try engine.pass(pictures, labels: labels, .batchUpdatingRunning, slice, gradients: sum)
      let attack = try engine.pass(pictures, labels: labels, .batchUpdatingRunning, slice)
      return (
        Result(
          logits: pass.logits.bits, dPictures: attack.dPictures.bits,
          statistics: engine.state.statistics.values.bits),
        sum.nodes.enumerated().map { (node: $1, value: sum.part($0).values.array) }
      )
    }
    let alone = try run(rank: 0, size: 1, LocalBatchReduction())
    let ranks = try ThreadRanks(size: size).run { try run(rank: $0, size: size, $1) }
    let engine = Self.engine(choice)
    let isEqual = (
      logits: ranks.flatMap(\.result.logits) == alone.result.logits,
      dPictures: ranks.flatMap(\.result.dPictures) == alone.result.dPictures,
      statistics: ranks.allSatisfy { $0.result.statistics == alone.result.statistics },
      gradient: engine.buffer(of: ranks.flatMap(\.parts)).values.hasBits(of: engine.buffer(of: alone.parts).values)
    )
    #expect(isEqual.logits)
    #expect(isEqual.dPictures)
    #expect(isEqual.statistics)
    #expect(isEqual.gradient)
  }

  /// With running statistics an image's logits and gradient are its own, wherever it stands and whoever else is there.
  @Test(arguments: choices) func examplesAreIndependent(choice: Choice) throws {
    let engine = Self.engine(choice)
    let labels = Self.data.labels(0..<6)
    // The gradient of the sum of losses, whatever the size of the batch.
    func run(_ examples: [Int]) throws -> (logits: Tensor, dPictures: Tensor) {
      let pictures = Tensor(Shape(n: examples.count, h: 16, w: 16, c: 3))
      for (n, example) in examples.enumerated() {
        let picture = Self.pictures(example..<example + 1)
        pictures.image(n).update(from: picture.pointer, count: picture.count)
      }
      let logits = try engine.logits(pictures, .running, BatchSlice(whole: examples.count)).images(0..<examples.count)
      let dLogits = Tensor(logits.shape)
      CrossEntropy.evaluate(logits, labels: examples.map { labels[$0] }, gradient: dLogits)
      let gradient = try engine.network.backward(
        dLogits, engine.state, .running, BatchSlice(whole: examples.count), gradients: nil)
      return (logits, gradient.images(0..<examples.count))
    }
    let all = try run([0, 1, 2, 3, 4, 5])
    for examples in [[3], [5, 3], [3, 3, 3], [1, 0, 2, 3], [5, 4, 3, 2, 1, 0]] {
      let some = try run(examples)
      for (n, example) in examples.enumerated() {
        let (mine, here) = (example..<example + 1, n..<n + 1)
        let isEqual =
          some.logits.images(here).hasBits(of: all.logits.images(mine))
          && some.dPictures.images(here).hasBits(of: all.dPictures.images(mine))
        #expect(isEqual, "\(example) in \(examples)")
      }
    }
  }
}
