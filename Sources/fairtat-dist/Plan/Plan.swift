// What a run takes: counted by formulas, but for the time, which is scaled up from a measured pass.
//
// A step of S attack steps takes a rank, for each of its shards,
//
//   S + 1 forward passes and input gradients, and a weight gradient, taken as half of such a pair,
//
// divided by its threads. Validation and tests take S forward passes and input gradients and two forward passes an image.
// Exchanges, optimizer and checkpoints are left out: the time is what the arithmetic takes at least.

import CPlatform
import Communication
import Datasets
import Networks
import Parallelism
import Recipes

/// The figures of a plan.
struct Plan: Encodable {
  /// Operations of direct sums, of one image and of a step.
  struct Operations: Encodable {
    let forward: Int, inputGradient: Int, weightGradient: Int
    /// Forward passes and input gradients of the attack.
    let attackPasses: Int
    let image: Int, step: Int
  }

  /// Bytes that a rank sends in a step, the most of any rank, and small exchanges.
  struct Wire: Encodable {
    let gradientBytes: Int
    let statisticsBytes: Int
    let smallExchanges: Int
  }

  struct Shards: Encodable {
    let count: Int, size: Int
    /// Of a rank.
    let least: Int, most: Int
  }

  /// Bytes.
  struct Memory: Encodable {
    let largestRank: Int, allRanks: Int
    /// On this host.
    let available: Int
    /// That an example of a rank's share takes in the network.
    let example: Int
  }

  struct Checkpoints: Encodable {
    let bytes: Int
    /// Those that lie on the disk at once.
    let disk: Int
  }

  /// Seconds, estimated from `measured`.
  struct Time: Encodable {
    let measured: PassTiming
    let step: Double
    /// With its validation, if every epoch has one.
    let epoch: Double
    let run: Double
    let imagesPerSecond: Double
  }

  let recipe: String, method: String, model: String, width: Int
  let ranks: Int, threads: Int
  let parameters: Int
  let trainImages: Int, validationImages: Int, testImages: Int
  let batch: Int, stepsPerEpoch: Int, epochs: Int
  let flops: Operations
  let shards: Shards
  let memory: Memory
  let wire: Wire
  let checkpoints: Checkpoints
  let time: Time
  let warnings: [String]

  /// Counts, and measures a pass; a call of all ranks.
  init(
    _ document: RecipeDocument, _ outline: DatasetOutline, ranks: Int, threads: Int, _ communicator: any Communicator
  ) throws {
    let recipe = document.recipe
    let pool = ThreadPool(threadCount: 1)
    let classes = recipe.model.classes ?? outline.classCount
    let network = networks.first { $0.name == recipe.model.name }!.make(
      NetworkConfiguration(
        height: outline.height, width: outline.width, channels: recipe.model.width, classes: classes),
      Engine(pool: pool, reduction: LocalBatchReduction(), convolution: recipe.engine.convolution))
    self.recipe = document.name
    method = recipe.method.name
    model = recipe.model.name
    width = recipe.model.width
    self.ranks = ranks
    self.threads = threads
    parameters = network.parameters.parameterCount
    (trainImages, validationImages, testImages) = (outline.train, outline.validation, outline.test)
    batch = recipe.training.batchSize
    epochs = recipe.training.epochs
    let batches = BatchPlan(count: outline.train, batchSize: batch)
    stepsPerEpoch = batches.steps

    let passes = StepPasses(attack: recipe.attack.steps)
    let perImage = network.flops(passes)
    flops = Operations(
      forward: network.flops, inputGradient: network.flops, weightGradient: network.flops,
      attackPasses: 2 * passes.attack, image: perImage, step: batch * perImage)
    let layout = ShardLayout(batchSize: batch, shardSize: recipe.training.shardSize)
    let owned = (0..<ranks).map { layout.shards(of: $0, size: ranks).count }
    shards = Shards(
      count: layout.shardCount, size: layout.shardSize, least: owned.min() ?? 0, most: owned.max() ?? 0)

    let need = MemoryNeed(
      recipe, network, images: outline.train + outline.validation + outline.test, threads: threads)
    let bytes = (0..<ranks).map { need.bytes(rank: $0, of: ranks) }
    memory = Memory(
      largestRank: bytes.max() ?? 0, allRanks: bytes.reduce(0, +), available: Int(platform_available_memory()),
      example: 4 * network.memory(shardSize: layout.shardSize).example)
    checkpoints = Checkpoints(bytes: need.checkpoint, disk: need.disk)
    wire = Self.wire(network, recipe, passes, layout, ranks)
    let measured = try PassTiming(network, shardSize: min(layout.shardSize, batch), communicator)
    time = Self.time(recipe, outline, measured, passes, steps: batches.steps, mostShards: shards.most, ranks, threads)
    warnings = Self.warnings(
      recipe, outline, layout, owned, memory, ranks,
      deepestPixels: outline.height * outline.width / 64)
  }

  /// What every rank sends of its own: of each subtree's gradient all blocks but its own, its block of the total to all
  /// others; of BatchNorm's sums its parts, to all others.
  private static func wire(
    _ network: any Network, _ recipe: Recipe, _ passes: StepPasses, _ layout: ShardLayout, _ ranks: Int
  ) -> Wire {
    let subtrees =
      (0..<ranks).map { SummationTree.maximalSubtrees(of: layout.shards(of: $0, size: ranks)).count }.max() ?? 0
    let doubles = network.normalisedChannels.reduce(0) { $0 + (2 * $1 + 1) + 2 * $1 }
    let exchanging = network.passesWithExchanges(passes, attack: recipe.attack.batchStatistics)
    return Wire(
      gradientBytes: 4 * (subtrees + 1) * (network.parameters.count * (ranks - 1) / ranks),
      statisticsBytes: 8 * doubles * exchanging * subtrees * (ranks - 1),
      smallExchanges: network.exchanges(passes, attack: recipe.attack.batchStatistics))
  }

  private static func time(
    _ recipe: Recipe, _ outline: DatasetOutline, _ measured: PassTiming, _ passes: StepPasses, steps: Int,
    mostShards: Int, _ ranks: Int, _ threads: Int
  ) -> Time {
    let step = measured.seconds * Double(mostShards) * (Double(passes.attack) + 1.5) / Double(threads)
    let attack = recipe.evaluation.attack
    /// Clean, then each restart's attack and its judgement.
    func evaluation(_ images: Int) -> Double {
      let own = Double((images + ranks - 1) / ranks)
      let pairs = 0.5 + Double(attack.restarts) * (Double(attack.steps) + 0.5)
      return own * pairs * measured.seconds / Double(measured.images * threads)
    }
    let epochs = recipe.training.epochs
    func times(every: Int) -> Int { every > 0 ? (epochs + every - 1) / every : 1 }
    let averages = (recipe.averaging.ema ? 1 : 0) + (recipe.averaging.fawa ? 1 : 0)
    let validation = evaluation(outline.validation)
    let judged =
      Double(times(every: recipe.evaluation.validationEvery)) * validation
      + Double(times(every: recipe.evaluation.every)) * evaluation(outline.test)
      + Double(averages * times(every: recipe.evaluation.averagesEvery)) * (validation + evaluation(outline.test))
    let training = Double(steps) * step
    return Time(
      measured: measured, step: step, epoch: training + (recipe.evaluation.validationEvery == 1 ? validation : 0),
      run: Double(epochs) * training + judged, imagesPerSecond: Double(recipe.training.batchSize) / step)
  }

  private static func warnings(
    _ recipe: Recipe, _ outline: DatasetOutline, _ layout: ShardLayout, _ owned: [Int], _ memory: Memory, _ ranks: Int,
    deepestPixels: Int
  ) -> [String] {
    var warnings: [String] = []
    let batch = layout.batchSize
    let (least, most) = (owned.min() ?? 0, owned.max() ?? 0)
    if ranks > layout.shardCount {
      warnings.append(
        "\(ranks) ranks, but a batch of \(batch) has only \(layout.shardCount) logical shards, and train refuses that: "
          + "start at most \(layout.shardCount) ranks, or raise training.batch-size or training.shards")
    } else if least != most {
      warnings.append(
        "\(layout.shardCount) shards on \(ranks) ranks: some have \(most), others \(least) and wait for them; take a number "
          + "of ranks that divides \(layout.shardCount)")
    }
    if batch % layout.shardSize != 0 {
      warnings.append(
        "the last shard of a batch of \(batch) has \(batch % layout.shardSize) images, the others \(layout.shardSize)"
      )
    }
    let rest = outline.train % batch
    if outline.train == 0 {
      warnings.append("no training images are left: raise data.limit-train or lower data.validation")
    } else if (rest == 0 ? batch : rest) * deepestPixels <= 1 {
      warnings.append(
        "the last batch of an epoch has 1 image, too few for batch normalisation, and train refuses that: change "
          + "data.limit-train (\(outline.train) training images are left) or training.batch-size (\(batch))")
    } else if rest != 0 {
      let shards = ShardLayout(batchSize: rest, shardSize: layout.shardSize).shardCount
      if shards < ranks && ranks <= layout.shardCount {
        warnings.append(
          "the last batch of an epoch has \(rest) images in \(shards) shards: \(ranks - shards) ranks idle in that step"
        )
      }
    }
    if memory.available > 0 && memory.allRanks > memory.available {
      warnings.append(
        "all ranks together take \(FigureOutput.bytes(memory.allRanks)), this host has "
          + "\(FigureOutput.bytes(memory.available)) free: spread them over hosts, start fewer with more threads, or lower "
          + "evaluation.batch")
    }
    return warnings
  }
}
