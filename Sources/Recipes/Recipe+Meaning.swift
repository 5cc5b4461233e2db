// What several keys mean together.

extension Recipe.Training {
  /// Images a logical shard: 8, or what divides a full batch into the wanted number of shards.
  package var shardSize: Int {
    guard let shards else { return 8 }
    return Self.quotient(batchSize, shards)
  }

  /// Full shards of a batch, and the smaller one that may be left.
  var shardCount: Int { Self.quotient(batchSize, shardSize) }

  /// a / b rounded up, for positive numbers of any size.
  private static func quotient(_ a: Int, _ b: Int) -> Int { a / b + (a % b == 0 ? 0 : 1) }
}

extension Recipe.Fairness {
  /// The first epoch whose targets follow the counts of the epoch before.
  package var firstPriorEpoch: Int { priorBegin ?? begin }
  /// The first epoch whose margins follow the counts of the epoch before.
  package var firstMarginsEpoch: Int { marginsBegin ?? begin }
}

extension Recipe.Averaging {
  /// The averages that there are, in the order of digests, checkpoints and logs.
  package var names: [String] { [("ema", ema), ("fawa", fawa)].filter(\.1).map(\.0) }
}

extension Recipe {
  /// Keys that each may have their value, but not together; nil when all is well.
  var contradiction: (path: String, message: String)? {
    if let shards = training.shards {
      let (size, count) = (training.shardSize, training.shardCount)
      if count != shards {
        return (
          "training.shards",
          "a batch of \(training.batchSize) does not fall into \(shards) shards; \(count) shards of \(size) would do"
        )
      }
    }
    if (model.mean == nil) != (model.deviation == nil) {
      return (
        model.mean == nil ? "model.std" : "model.mean", "model.mean and model.std are given together or not at all"
      )
    }
    if averaging.fawa && data.validation.value == 0 {
      return (
        "averaging.fawa",
        "FAWA judges by validation images and data.validation is 0; give it some, or set averaging.fawa to false"
      )
    }
    if data.name == "synthetic" && augmentation.crop >= data.size {
      return ("augmentation.crop", "padding by reflection must be smaller than the images (data.size \(data.size))")
    }
    if training.nesterov && training.momentum.value == 0 {
      return (
        "training.nesterov",
        "without training.momentum there is nothing to look ahead by; give it one, or set this to false"
      )
    }
    return scheduleContradiction
  }
}
