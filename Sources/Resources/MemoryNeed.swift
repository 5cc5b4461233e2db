// What a run takes in memory and on the disk, by formulas, before anything of it is made.
//
// In Floats, of the P parameters: weights, the optimizer's buffers, averages (on rank 0 twice), total gradient; packed filters; one gradient for each maximal
// subtree of the rank's shards, one-layer sums that wait for their neighbours, and the received blocks of all ranks' subtrees. Of each example
// at once (the larger of the rank's share in all views and an evaluation's block): what the network counts; beside it images,
// adversaries and logits of training and evaluation. The sums of the widest normalisation of all subtrees, in Doubles. 1 byte a value of the
// data set, twice while it is read, and 40 bytes an image for labels, splits and orders. Confusion matrices, two a result, and
// those that are summed over the ranks or taken apart by rows meanwhile; sums of predictions, and a prior for each training
// example, where a recipe has them.
// The program itself and MPI: 150 MB. An evaluation has the weights once, a block of examples, and no gradients.

import Datasets
import Kernels
import Networks
import Parallelism
import Recipes
import Tensors

/// The images that a step of training holds for each example.
package struct StepImages: Sendable {
  /// Those that pass through the network at once.
  package let views: Int
  /// Those in memory: the example as it was loaded, adversaries, and what methods of several views have beside it.
  package let held: Int

  /// Those of adversarial training, if not said otherwise.
  package init(views: Int = 1, held: Int = 2) {
    self.views = views
    self.held = held
  }
}

/// Bytes that the ranks of a run need.
package struct MemoryNeed: Sendable {
  /// Floats of the flat parameters, and of the largest layer.
  private let parameters: Int, largestLayer: Int
  /// Whether that layer is the last one, of features by classes.
  private let isWideInClasses: Bool
  private let network: NetworkMemory
  private let largestMoments: Int
  private let trains: Bool
  /// The most results that are kept at once: of validation and test, by each set of weights.
  private let results: Int
  private let averages: Int
  /// Floats that the optimizer remembers of each parameter.
  private let remembered: Int
  private let layout: ShardLayout
  private let ranks: Int
  /// Maximal subtrees of all ranks together.
  private let nodes: Int
  /// The most examples of a rank, of a batch and of an evaluation's block.
  private let share: Int, evaluationBlock: Int
  private let step: StepImages
  /// Values of one image, and images of the whole data set.
  private let image: Int, images: Int
  private let classes: Int
  private let threads: Int
  private let checkpointsKept: Int
  /// Values of the priors of the training examples, and of a batch of them, where each has its own.
  private let confusion: Int, batchConfusion: Int
  /// Sums of predictions by class that the method's policies ask for.
  private let predictions: Int

  /// - Parameters:
  ///   - data: the whole data set.
  ///   - step: the images that a step of the recipe's method holds.
  ///   - threads: of a rank.
  ///   - ranks: of the run; of a training no more than it has shards.
  ///   - trains: whether it is more than an evaluation.
  package init(
    _ recipe: Recipe, _ network: any Network, _ data: DatasetExtent, _ step: StepImages = StepImages(), threads: Int,
    ranks: Int,
    trains: Bool = true
  ) {
    self.step = step
    let largest = network.parameters.slots.max { $0.count < $1.count }!
    parameters = network.parameters.count
    largestLayer = largest.count
    isWideInClasses = largest == network.parameters.slots.last { $0.role == .matrix }
    self.network = network.memory(shardSize: recipe.training.shardSize * (trains ? step.views : 1))
    largestMoments = Moments.width(network.normalisedChannels.max() ?? 0)
    self.trains = trains
    averages = recipe.averaging.names.count
    remembered = recipe.optimizerBuffers
    // No batch is larger than the training set.
    let layout = ShardLayout(
      batchSize: min(recipe.training.batchSize, data.train), shardSize: recipe.training.shardSize)
    self.layout = layout
    self.ranks = ranks
    nodes = trains ? (0..<ranks).reduce(0) { $0 + Self.subtrees(layout.shards(of: $1, size: ranks)) } : 0
    share = trains ? layout.largestShare(of: ranks) : 0
    let fraction = recipe.data.validation.value
    results = trains ? (fraction > 0 ? 2 : 1) * (1 + averages) : 1
    let heldOut = Int(fraction * Double(data.train)) + data.classCount
    let validation = trains ? min(data.train, heldOut) : 0
    evaluationBlock = Self.evaluationBlock(recipe, judged: max(validation, data.test), ranks: ranks)
    let size = network.configuration
    image = size.height * size.width * 3
    images = data.train + data.test
    classes = size.classes
    self.threads = threads
    checkpointsKept = recipe.checkpoint.keep
    let keepsConfusion = trains && recipe.drawsBySample
    confusion = keepsConfusion ? data.train * size.classes : 0
    batchConfusion = keepsConfusion ? (layout.batchSize + share) * size.classes : 0
    predictions = trains && recipe.sumsPredictions ? size.classes * size.classes : 0
  }

  /// The number of maximal subtrees of a run of shards.
  private static func subtrees(_ run: Range<Int>) -> Int { SummationTree.subtreeCount(of: run) }

  /// Images that a rank judges at once: those of the recipe, or all it has.
  ///
  /// - Parameter judged: the most images of an evaluation.
  package static func evaluationBlock(_ recipe: Recipe, judged: Int, ranks: Int) -> Int {
    max(1, min(recipe.evaluation.batch, (judged + ranks - 1) / ranks))
  }

  /// The parts of a rank's need.
  package func parts(rank: Int) -> [MemoryPart] {
    let floats: Amount = 4
    var weights = Amount(parameters)
    var exchange: Amount = 0
    if trains {
      let shards = layout.shards(of: rank, size: ranks)
      let own = Self.subtrees(shards)
      // What a rank receives of a vector comes in blocks of at most 4 Mi numbers.
      let received =
        ranks == 1 && own == 1 ? Amount(0) : Amount(nodes) * Amount(min(1 << 22, parameters / ranks))
      let waiting = max(0, SummationTree.places(shards.count) - 1)
      weights =
        Amount(parameters) * Amount(2 + remembered + averages + max(1, own)) + Amount(waiting) * Amount(largestLayer)
      // Rank 0's copy of the state, which is written while training goes on.
      if rank == 0 { weights += Amount(parameters) * Amount(1 + remembered + averages) }
      exchange = received * floats + Amount(nodes) * Amount(largestMoments) * 8
    }
    let passed = max(share * step.views, evaluationBlock)
    let isBatch = share * step.views >= evaluationBlock
    let held =
      Amount(share) * (Amount(step.held) * Amount(image) + Amount(2 * step.views) * Amount(classes))
      + Amount(2 * evaluationBlock) * Amount(image + classes)
    return [
      MemoryPart(isWideInClasses ? .classes : .network, (weights + Amount(network.packed)) * floats + exchange),
      MemoryPart(
        isBatch ? .batch : .evaluationBlock,
        (Amount(passed) * Amount(network.image) + Amount(network.shard) + held) * floats,
        items: isBatch ? share : evaluationBlock),
      MemoryPart(
        .classes,
        Amount(2 * results + 4) * Amount(classes) * Amount(classes) * 8
          // Own sums, those of all subtrees, the total, and what the state keeps of it twice.
          + Amount(predictions) * Amount(4 + nodes) * 8
          + (Amount(confusion) * Amount(rank == 0 ? 2 : 1) + Amount(batchConfusion)) * floats),
      MemoryPart(
        .threads,
        (Amount(threads) * Amount(network.thread) + Amount(network.shared(images: passed, threads: threads))) * floats,
        items: threads),
      MemoryPart(.images, Amount(images) * Amount(2 * image + 40)),
      MemoryPart(.program, 150_000_000),
    ]
  }

  /// The bytes of a rank.
  package func bytes(rank: Int) -> Amount { parts(rank: rank).reduce(0) { $0 + $1.bytes } }

  /// What the rank that needs most takes, and all of them together.
  package var bytesOfAllRanks: (largest: Amount, sum: Amount) {
    (0..<ranks).reduce((largest: 0, sum: 0)) { total, rank in
      let bytes = bytes(rank: rank)
      return (max(total.largest, bytes), total.sum + bytes)
    }
  }

  /// A checkpoint: weights, the optimizer's buffers, averages, priors of examples; running statistics and headers are small beside them.
  package var checkpoint: Int { 4 * ((1 + remembered + averages) * parameters + confusion) }

  /// Checkpoints that lie on the disk at once: those kept, the best, and the one in the making.
  package var disk: Int { (checkpointsKept + 2) * checkpoint }
}
