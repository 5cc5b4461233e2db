// What a recipe and its circumstances must agree on before anything is made.

import CPlatform
import Communication
import Datasets
import Failures
import Networks
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

  /// Refuses attacks in bfloat16 where the network has nothing to multiply in it.
  ///
  /// - Throws: `Failure(.configuration)`.
  package func checkPrecision(of network: any Network) throws {
    guard bfloat16(trains: true) != nil, network.reducedFlops == 0 else { return }
    throw Failure(
      .configuration,
      "attack.precision: bfloat16 is for 3x3 convolutions by Winograd whose channels are multiples of 16, and \(model.name) "
        + "has none: leave it at float32")
  }

  /// Refuses attacks in bfloat16 where a rank's CPU cannot multiply in it.
  ///
  /// - Throws: `Failure(.configuration)` on every rank.
  func checkPrecision(_ communicator: any Communicator) throws {
    guard let unit = bfloat16(trains: true) else { return }
    let lacking = try communicator.allGather(
      coded: unit == .emulated || platform_has_matrix_unit() != 0 ? "" : communicator.hostName)
    guard let host = lacking.first(where: { !$0.isEmpty }) else { return }
    throw Failure(
      .configuration,
      "attack.precision: bfloat16 wants a CPU with a matrix unit (AMX), which \(host) has not: leave it at float32, or take "
        + "engine.bfloat16: emulated, which has the same bits and is slower than float32")
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
