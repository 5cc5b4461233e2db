// What a run takes: counted by formulas, but for the time, which a model of a step (`Scaling/StepModel.swift`) makes of what is measured
// here and of what is told of the nodes.
//
// Validation and tests take S forward passes and input gradients and two forward passes an image, divided by all threads.
// Checkpoints are left out.

import Communication
import Datasets
import Failures
import Networks
import Parallelism
import Recipes
import Resources
import Scaling
import Tensors
import Training

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
    /// On this host; 0 if unknown.
    let available: Int
    /// That an example of a rank's share takes in the network.
    let example: Int
  }

  struct Checkpoints: Encodable {
    let bytes: Int
    /// Those that lie on the disk at once.
    let disk: Int
  }

  /// Seconds, estimated from what was measured here.
  struct Time: Encodable {
    /// A forward pass and an input gradient on one thread.
    let measured: PassTimes.Point
    let passes: [PassTimes.Point]
    /// What the step runs on, and its parts.
    let node: NodeFacts
    let estimate: StepEstimate
    let step: Double
    /// With its validation, if every epoch has one.
    let epoch: Double
    let run: Double
    let imagesPerSecond: Double
  }

  let recipe: String, method: String, model: String
  /// The model with what it is told.
  let title: String
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
  /// Ranks x threads that give every core of the same nodes a thread, fastest first; none where the ranks share cores.
  let layouts: [StepEstimate]
  let warnings: [String]

  /// Counts, and measures a pass; a call of all ranks.
  ///
  /// - Parameter facts: what is told of the nodes; the rest is as here.
  /// - Throws: `Failure(.configuration)` for more ranks than shards, more threads than a node has cores, and where not even one
  ///   rank would fit here.
  init(
    _ document: RecipeDocument, ranks: Int, threads: Int, facts: NodeOptions, _ communicator: any Communicator
  ) throws {
    let recipe = document.recipe
    let layout = ShardLayout(batchSize: recipe.training.batchSize, shardSize: recipe.training.shardSize)
    try recipe.check(ranks: ranks)
    let request = try recipe.dataRequest()
    let extent = try DatasetCatalog.extent(request)
    let classes = try recipe.classes(of: extent)
    let network = try recipe.network(
      NetworkConfiguration(height: extent.height, width: extent.width, classes: classes),
      .describing(recipe.engine.convolution, bfloat16: recipe.bfloat16(trains: true)))
    try recipe.checkPrecision(of: network)
    let need = MemoryNeed(recipe, network, extent, recipe.trainingMethod.stepImages, threads: threads, ranks: ranks)
    let free = FreeMemory()
    // Ranks may be meant for many hosts: one must fit, and what is measured below takes less.
    let tight = try communicator.onRoot {
      try MemoryCheck.compare(
        [MemoryCheck(need.parts(rank: 0), threads: threads, host: communicator.hostName, free: free)],
        MemoryNames(recipe, images: extent.train + extent.test, threads: threads))
    }
    let outline = try DatasetOutline(request)
    self.recipe = document.name
    method = recipe.method.name
    model = recipe.model.name
    title = recipe.model.title
    self.ranks = ranks
    self.threads = threads
    parameters = network.parameters.parameterCount
    (trainImages, validationImages, testImages) = (outline.train, outline.validation, outline.test)
    batch = recipe.training.batchSize
    epochs = recipe.training.epochs
    let batches = BatchPlan(count: outline.train, batchSize: batch)
    stepsPerEpoch = batches.steps

    let passes = recipe.trainingMethod.passes(steps: recipe.attack.steps, allTargeted: recipe.startsTargeted)
    let perImage = network.flops(passes)
    flops = Operations(
      forward: network.flops, inputGradient: network.flops, weightGradient: network.flops,
      attackPasses: passes.attackForward + passes.attackGradient, image: perImage.value,
      step: (Amount(batch) * perImage).value)
    shards = Shards(
      count: layout.shardCount, size: layout.shardSize, least: layout.shardCount / ranks,
      most: (layout.shardCount + ranks - 1) / ranks)

    let bytes = need.bytesOfAllRanks
    memory = Memory(
      largestRank: bytes.largest.value, allRanks: bytes.sum.value, available: free.host ?? 0,
      example: 4 * passes.views * network.memory(shardSize: layout.shardSize).image)
    checkpoints = Checkpoints(bytes: need.checkpoint, disk: need.disk)
    wire = Self.wire(network, recipe, passes, layout, ranks)
    let own = CoreShare(host: communicator.hostName)
    let share = layout.largestShare(of: ranks)
    let measured = try MachineMeasurement(
      { try recipe.network(network.configuration, $0) }, convolution: recipe.engine.convolution,
      threads: own.threads(among: try communicator.allGather(coded: own)),
      images: min(64, (share + threads - 1) / threads, max(1, outline.train)), communicator)
    let model = StepModel(
      recipe, network, passes, layout, measured,
      node: try facts.applied(to: try Self.node(measured, threads: facts.node == nil ? threads : 1)))
    let place = try Self.place(ranks, threads, model.node)
    time = Self.time(recipe, outline, model, place, steps: batches.steps)
    layouts = LayoutChoice(model, nodes: place.nodes).estimates
    warnings =
      [tight ?? nil].compactMap(\.self)
      + Self.warnings(
        recipe, outline, layout, shards, memory, ranks,
        smallestMap: network.smallestMap)
  }

  /// What every rank sends of its own: of each subtree's gradient all blocks but its own, its block of the total to all
  /// others; of BatchNorm's sums its parts, to all others; so of its examples' priors, if they have any.
  private static func wire(
    _ network: any Network, _ recipe: Recipe, _ passes: StepPasses, _ layout: ShardLayout, _ ranks: Int
  ) -> Wire {
    let subtrees =
      (0..<ranks).reduce(0) { max($0, SummationTree.subtreeCount(of: layout.shards(of: $1, size: ranks))) }
    // The probabilities of own examples, to all others, where each has its own prior.
    let confusion =
      recipe.drawsBySample
      ? Amount(4 * layout.largestShare(of: ranks)) * Amount(network.classCount) * Amount(ranks - 1) : 0
    return Wire(
      gradientBytes: 4 * (subtrees + 1) * (network.parameters.count * (ranks - 1) / ranks),
      statisticsBytes: (Amount(8 * subtrees) * Amount(network.exchangedDoubles(passes)) * Amount(ranks - 1)
        + confusion).value,
      smallExchanges: network.exchanges(passes) + (recipe.drawsBySample ? 1 : 0))
  }

  /// The facts of this machine, or of one like it that has a core for each of so many threads.
  private static func node(_ measured: MachineMeasurement, threads: Int) throws -> NodeFacts {
    guard let facts = NodeFacts([(measured.layout, measured.reading)]) else {
      throw Failure(.internal, "nothing was measured of this machine")
    }
    return threads > facts.cores ? facts.grown(to: threads) : facts
  }

  /// As few nodes as have a core for every thread.
  ///
  /// - Throws: `Failure(.configuration)` for ranks that no node told of has the cores for.
  private static func place(_ ranks: Int, _ threads: Int, _ node: NodeFacts) throws -> RankLayout {
    let perNode = node.cores / threads
    guard perNode > 0 else {
      throw Failure(
        .configuration,
        "a rank of \(counted(threads, "thread")) does not fit on a node of \(counted(node.cores, "core")): lower --threads, or name "
          + "nodes with more in --node cores=")
    }
    return RankLayout(ranks: ranks, threads: threads, nodes: (ranks + perNode - 1) / perNode)
  }

  private static func time(
    _ recipe: Recipe, _ outline: DatasetOutline, _ model: StepModel, _ place: RankLayout, steps: Int
  ) -> Time {
    let estimate = model.estimate(place)
    let step = estimate.seconds
    let measured = model.times.points[model.times.points.count - 1]
    // As if nothing were broken; each of a pair, a forward pass and a gradient, takes about as long as the other.
    let judgement = recipe.evaluationPlan(classes: outline.classCount).passes(classes: outline.classCount)
    func evaluation(_ images: Int) -> Double {
      let own = Double((images + place.ranks - 1) / place.ranks)
      let pairs = Double(judgement.forward + judgement.gradient) / 2
      return own * pairs * measured.seconds / Double(measured.images * place.threads)
    }
    let epochs = recipe.training.epochs
    func times(every: Int) -> Int { every > 0 ? (epochs + every - 1) / every : 1 }
    let averages = recipe.averaging.names.count
    let validation = evaluation(outline.validation)
    let judged =
      Double(times(every: recipe.evaluation.validationEvery)) * validation
      + Double(times(every: recipe.evaluation.every)) * evaluation(outline.test)
      + Double(averages * times(every: recipe.evaluation.averagesEvery)) * (validation + evaluation(outline.test))
    let training = Double(steps) * step
    return Time(
      measured: measured, passes: model.times.points, node: model.node, estimate: estimate, step: step,
      epoch: training + (recipe.evaluation.validationEvery == 1 ? validation : 0),
      run: Double(epochs) * training + judged, imagesPerSecond: Double(recipe.training.batchSize) / step)
  }
}
