// What a plan warns of: shares that are not equal, last batches that are too small, memory that is not there.

import Datasets
import Parallelism
import Recipes

extension Plan {
  /// A line each.
  static func warnings(
    _ recipe: Recipe, _ outline: DatasetOutline, _ layout: ShardLayout, _ shards: Shards, _ memory: Memory,
    _ ranks: Int, smallestMap: Int
  ) -> [String] {
    var warnings: [String] = []
    if let unit = recipe.bfloat16(trains: true) {
      warnings.append(
        "times are those of attack.precision: float32, which is all that the model of a step knows: bfloat16 is "
          + (unit == .hardware ? "faster, by the CPU's matrix unit" : "slower where it is emulated"))
    }
    let batch = layout.batchSize
    if shards.least != shards.most {
      warnings.append(
        "\(layout.shardCount) shards on \(ranks) ranks: some have \(shards.most), others \(shards.least) and wait for them; take a number "
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
    } else if (rest == 0 ? batch : rest) == 1 && smallestMap == 1 {
      warnings.append(
        "the last batch of an epoch has 1 image, too few for batch normalisation, and train refuses that: change "
          + "data.limit-train (\(outline.train) training images are left) or training.batch-size (\(batch))")
    } else if rest != 0 {
      let shards = ShardLayout(batchSize: rest, shardSize: layout.shardSize).shardCount
      if shards < ranks {
        warnings.append(
          "the last batch of an epoch has \(rest) images in \(shards) shards: \(ranks - shards) ranks idle in that step"
        )
      }
    }
    if memory.available > 0 && memory.allRanks > memory.available {
      warnings.append(
        "all ranks together take \(FigureOutput.bytes(memory.allRanks)), this host has "
          + "\(FigureOutput.bytes(memory.available)) free: spread them over hosts, or start fewer with more threads")
    }
    return warnings
  }
}
