// What a run takes in memory and on the disk, by formulas: for `plan`, and for `doctor`, which holds a full-width run against
// what there is.
//
// In Floats, of the P parameters: weights, momentum, averages (on rank 0 twice), total gradient; packed filters; one gradient for each maximal
// subtree of the rank's shards, one-layer sums that wait for their neighbours, and the received blocks of all ranks' subtrees. Of each example
// at once (the larger of the rank's share and an evaluation's block): what the network counts; beside it images and
// adversaries of training and evaluation. And 1 byte a value of the data set, twice while it is read. The program itself
// and MPI: 150 MB.

import Classification
import Networks
import Parallelism
import Recipes

/// Bytes that the ranks of a run need.
struct MemoryNeed {
  /// Floats of the flat parameters, and of the largest layer.
  private let parameters: Int, largestLayer: Int
  private let network: NetworkMemory
  private let averages: Int
  private let layout: ShardLayout
  private let evaluationBlock: Int
  /// Values of one image, and images of the whole data set.
  private let image: Int, images: Int
  private let threads: Int
  private let checkpointsKept: Int

  /// - Parameters:
  ///   - images: training, validation and test images together.
  ///   - threads: of a rank.
  init(_ recipe: Recipe, _ network: any Network, images: Int, threads: Int) {
    parameters = network.parameters.count
    largestLayer = network.parameters.slots.map(\.count).max() ?? 0
    self.network = network.memory(shardSize: recipe.training.shardSize)
    averages = (recipe.averaging.ema ? 1 : 0) + (recipe.averaging.fawa ? 1 : 0)
    layout = ShardLayout(batchSize: recipe.training.batchSize, shardSize: recipe.training.shardSize)
    evaluationBlock = recipe.evaluation.batch
    image = network.configuration.height * network.configuration.width * 3
    self.images = images
    self.threads = threads
    checkpointsKept = recipe.checkpoint.keep
  }

  /// PreActResNet-18 of width 64 on CIFAR-10's 60,000 images, one thread a rank.
  static let fullWidth: MemoryNeed = {
    let pool = ThreadPool(threadCount: 1)
    let network = networks[0].make(
      NetworkConfiguration(), Engine(pool: pool, reduction: LocalBatchReduction()))
    return MemoryNeed(Recipe(), network, images: 60_000, threads: 1)
  }()

  /// Examples, and logical shards, of a batch.
  var batch: Int { layout.batchSize }
  var shards: Int { layout.shardCount }

  /// The bytes of a rank.
  ///
  /// - Parameter ranks: of the run.
  func bytes(rank: Int, of ranks: Int) -> Int {
    let shards = layout.shards(of: rank, size: ranks)
    let own = SummationTree.maximalSubtrees(of: shards).count
    let all = (0..<ranks).reduce(0) {
      $0 + SummationTree.maximalSubtrees(of: layout.shards(of: $1, size: ranks)).count
    }
    // What a rank receives of a vector comes in blocks of at most 4 Mi numbers.
    let received = ranks == 1 && own == 1 ? 0 : all * min(1 << 22, parameters / ranks)
    // A layer's sums that wait for their right neighbours while a subtree is added up.
    let waiting = max(0, SummationTree.places(shards.count) - 1)
    let share = layout.examples(ofRank: rank, size: ranks).count
    let floats =
      parameters * (3 + averages + max(1, own)) + received + waiting * largestLayer + network.packed
      + max(share, evaluationBlock) * network.example + 2 * image * (share + evaluationBlock)
      + threads * network.thread + network.shard
      // Rank 0's copy of the state, which is written while training goes on.
      + (rank == 0 ? checkpoint / 4 : 0)
    return 4 * floats + 2 * images * image + 150_000_000
  }

  /// A checkpoint: weights, momentum, averages; running statistics and headers are small beside them.
  var checkpoint: Int { 4 * (2 + averages) * parameters }

  /// Checkpoints that lie on the disk at once: those kept, the best, and the one in the making.
  var disk: Int { (checkpointsKept + 2) * checkpoint }
}
