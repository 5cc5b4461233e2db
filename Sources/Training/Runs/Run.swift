// What a run is made of: recipe, data, network, state, ranks, threads. Built once, the same way by every command.

import Classification
import Communication
import Datasets
import Evaluation
import Failures
import Fairness
import Methods
import Networks
import Parallelism
import Recipes
import Resources

/// The parts of a run on one rank.
package final class Run {
  package let recipe: Recipe
  /// Whether this run trains; else it judges weights, and reads the test images alone.
  let trains: Bool
  package let dataset: Dataset
  /// Indices into the training set.
  package private(set) var split: ValidationSplit
  package let communicator: any Communicator
  /// The name of each rank's host, by rank.
  package let hosts: [String]
  /// Where this rank says what it is at.
  package let heartbeat: Heartbeat
  private let watch: StallWatch?
  package let pool: ThreadPool
  /// What could not be had of the threads that were asked for.
  package let shortage: ThreadShortage
  package let engine: Engine
  package let network: any Network
  package let method: TrainingMethod
  package let tree: TreeReduction
  let reduction: DistributedReduction
  package let evaluator: Evaluator
  /// Whether to stop, asked at every exchange; a command that can stop early says what this rank was asked.
  package let stop = StopAgreement()
  /// Lines for the user on the weights that training starts from.
  var startNotes: [String] = []
  /// A line for the user where memory will be tight.
  package let memoryNote: String?

  /// Holds what it will take against what there is, loads the data and makes the network.
  ///
  /// - Parameters:
  ///   - stalls: what is done about ranks that hang; without it nobody looks.
  ///   - names: what a refusal calls the settings; the recipe's keys if not given.
  ///   - given: images to judge in place of the recipe's data.
  /// - Throws: `Failure` for bad data, a network that does not exist, too little memory, more ranks than shards, or a
  ///   batch too small.
  package init(
    recipe: Recipe, communicator: any Communicator, threads: Int, trains: Bool, stalls: StallHandler? = nil,
    names: MemoryNames? = nil, data given: Dataset? = nil
  ) throws {
    self.recipe = recipe
    self.trains = trains
    method = recipe.trainingMethod
    if trains { try recipe.check(ranks: communicator.size) }
    let request = try recipe.dataRequest(trains ? .trainingAndTest : .test)
    let extent = try given?.extent ?? DatasetCatalog.extent(request)
    // Whoever judges weights knows how many classes they have.
    let classes = try trains ? recipe.classes(of: extent) : recipe.model.classes ?? extent.classCount
    let outline = try recipe.network(
      NetworkConfiguration(height: extent.height, width: extent.width, classes: classes),
      .describing(recipe.engine.convolution, bfloat16: recipe.bfloat16(trains: trains)))
    if trains {
      try recipe.checkPrecision(of: outline)
      try recipe.checkPrecision(communicator)
    }
    let need = MemoryNeed(
      recipe, outline, extent, method.stepImages, threads: threads, ranks: communicator.size, trains: trains)
    memoryNote = try MemoryCheck(
      need.parts(rank: communicator.rank), threads: threads, host: communicator.hostName
    ).compare(communicator, names ?? MemoryNames(recipe, images: extent.train + extent.test, threads: threads))
    if recipe.engine.gemm == .openblas { try BLASCore.load(recipe.engine.blasCore, communicator) }
    let pool = ThreadPool(threadCount: threads)
    self.pool = pool
    if let stalls, let timeout = recipe.engine.stallTimeout {
      let board = try communicator.makeNodeBoard()
      heartbeat = Heartbeat(board)
      watch = StallWatch(communicator, board, timeout: timeout.value, work: { pool.calls }, handler: stalls)
    } else {
      heartbeat = Heartbeat()
      watch = nil
    }
    let communicator = WatchedCommunicator(communicator, heartbeat)
    self.communicator = communicator
    hosts = try communicator.allGather(coded: communicator.hostName)
    shortage = try ThreadShortage(pool, asked: threads, watch, communicator)
    dataset = try given ?? DatasetCatalog.load(request)
    try communicator.agree(
      on: dataset.digest, what: "the data set", cure: "give every rank the same files")
    split = dataset.split(validation: recipe.data.validation.value)
    tree = TreeReduction(communicator: communicator)
    reduction = DistributedReduction(tree, asking: stop)
    if !trains { try Self.check(dataset.test, classes: classes) }
    engine = Engine(
      pool: pool, reduction: reduction, convolution: recipe.engine.convolution, product: recipe.engine.gemm,
      bfloat16: recipe.bfloat16(trains: trains))
    network = try recipe.network(
      NetworkConfiguration(height: dataset.height, width: dataset.width, classes: classes), engine)
    if trains {
      try recipe.augmentation.chain.check(height: dataset.height, width: dataset.width)
      try Self.checkBatches(recipe, trainCount: split.train.count, pixels: network.smallestMap)
    }
    let judged = trains ? max(split.validation.count, dataset.test.count) : dataset.test.count
    evaluator = Evaluator(
      network: network, communicator: communicator, pool: pool,
      batchSize: MemoryNeed.evaluationBlock(recipe, judged: judged, ranks: communicator.size), asking: stop)
    if trains { network.reserve(examples: share, shardSize: recipe.training.shardSize, views: method.views.count) }
  }

  deinit {
    watch?.stop()
    pool.stop()
  }

  /// Holds out what a run did that goes on from a checkpoint.
  func holdOut(by rule: HoldOutRule) {
    if rule != split.rule { split = dataset.split(validation: recipe.data.validation.value, rule: rule) }
  }

  /// Bytes of a checkpoint, nearly: weights, momentum, averages, priors of examples.
  package var checkpointBytes: Int {
    4
      * ((2 + recipe.averaging.names.count) * network.parameters.count
        + (recipe.drawsBySample ? dataset.train.count * network.classCount : 0))
  }

  /// The class names, and numbers for classes that the data does not name.
  package var classNames: [String] {
    dataset.classNames.prefix(network.classCount)
      + (min(dataset.classCount, network.classCount)..<network.classCount).map { "class \($0)" }
  }

  /// The batches of an epoch.
  var batches: BatchPlan { BatchPlan(count: split.train.count, batchSize: recipe.training.batchSize) }

  /// Steps of an epoch.
  var stepsPerEpoch: Int { batches.steps }

  /// The most examples this rank may hold of any batch, none of which is larger than the training set.
  var share: Int {
    ShardLayout(
      batchSize: min(recipe.training.batchSize, dataset.train.count), shardSize: recipe.training.shardSize
    ).largestShare(of: communicator.size)
  }

  /// The learning rate of the step that a state is behind; of the first one at the beginning.
  func lastLearningRate(_ state: TrainingState) -> Double {
    let (steps, last) = (stepsPerEpoch, max(0, state.step - 1))
    return recipe.training.learningRates.rate(epoch: last / steps, step: last % steps, of: steps)
  }

  /// Whether the network has an output for the class of every image that is judged.
  private static func check(_ test: LabeledImages, classes: Int) throws {
    let most = test.labels.max().map(Int.init) ?? 0
    guard most < classes else {
      throw Failure(
        .badData,
        "the test images have labels up to \(most), but the model knows \(classes) classes, 0 to \(classes - 1): it was "
          + "trained on other data")
    }
  }

  /// - Parameter pixels: of the smallest map that the network normalises.
  private static func checkBatches(_ recipe: Recipe, trainCount: Int, pixels: Int) throws {
    let batch = recipe.training.batchSize
    guard trainCount > 0 else {
      throw Failure(.badData, "no training examples are left: raise data.limit-train or lower data.validation")
    }
    // In training mode a variance needs more than one value per channel.
    let last = trainCount % batch == 0 ? batch : trainCount % batch
    guard last > 1 || pixels > 1 else {
      throw Failure(
        .configuration,
        "the last batch of an epoch has 1 image, whose smallest maps give batch normalisation 1 value per channel: "
          + "change data.limit-train (\(trainCount) training images are left) or training.batch-size (\(batch))")
    }
  }

  /// The state before the first step.
  package func initialState() -> TrainingState {
    let model = Model(
      parameters: network.parameters, statistics: network.statistics, normalisation: ownNormalisation)
    model.initialize(seed: recipe.training.seed)
    let setting = ClassSetting(
      targeted: recipe.startsTargeted, epsilon: recipe.attack.epsilon.float, steps: recipe.attack.steps,
      stepSize: recipe.attack.stepSize.float, lossWeight: method.lossWeight, beta: method.beta)
    return TrainingState(
      model: model,
      optimizer: recipe.optimizer(network.parameters),
      averages: recipe.averagePolicies.map { name, policy in
        NamedAverage(
          name, policy, state: Model(parameters: network.parameters, statistics: network.statistics))
      },
      fairness: FairnessState(classCount: network.classCount, setting: setting),
      confusion: recipe.drawsBySample
        ? SampleConfusion(examples: dataset.train.count, classes: network.classCount) : nil)
  }

  /// What a model that starts from nothing makes of pixels: as the recipe says, else as the data has it.
  private var ownNormalisation: Normalisation {
    recipe.normalisation ?? dataset.statistics.map(Normalisation.init) ?? .identity
  }

}
