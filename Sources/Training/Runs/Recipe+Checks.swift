// What a recipe and its circumstances must agree on before anything is made.

import Datasets
import Failures
import Options
import Parallelism
import Recipes

extension Recipe {
  /// The outputs of the network: as the recipe says, or as the data has.
  ///
  /// - Throws: `Failure(.configuration)` for fewer than the data has classes, or more than any network has.
  package func classes(of data: DatasetExtent) throws -> Int {
    let classes = model.classes ?? data.classCount
    guard classes >= data.classCount else {
      throw Failure(
        .configuration, "model.classes is \(classes), but the data has \(data.classCount) classes; leave it out")
    }
    guard Limits.classes.contains(classes) else {
      throw Failure(
        .configuration,
        "the data has \(classes) classes, and a network has \(Limits.classes.lowerBound) to \(Limits.classes.upperBound) "
          + "outputs: are the labels, or class_names.txt, those of another set?")
    }
    return classes
  }

  /// Refuses more ranks than a batch has shards.
  ///
  /// - Throws: `Failure(.configuration)`.
  package func check(ranks: Int) throws {
    let batch = training.batchSize
    let shards = ShardLayout(batchSize: batch, shardSize: training.shardSize).shardCount
    guard ranks <= shards else {
      throw Failure(
        .configuration,
        "\(ranks) ranks, but a batch of \(batch) has only \(shards) logical shards: start at most \(shards) "
          + "ranks, or raise training.batch-size or training.shards")
    }
  }
}
