// The run that `doctor` holds against what there is: the default recipe on CIFAR-10's 60,000 images, one thread a rank.

import Datasets
import Networks
import Parallelism
import Recipes
import Resources

/// PreActResNet-18 of width 64, batch 128.
enum StandardRun {
  /// Of a batch.
  static let layout = ShardLayout(
    batchSize: Recipe().training.batchSize, shardSize: Recipe().training.shardSize)

  static func memory(ranks: Int) -> MemoryNeed {
    MemoryNeed(
      Recipe(), Recipe().model.choice.network(NetworkConfiguration(), .describing()),
      DatasetExtent(height: 32, width: 32, classCount: 10, train: 50_000, test: 10_000), threads: 1, ranks: ranks)
  }
}
