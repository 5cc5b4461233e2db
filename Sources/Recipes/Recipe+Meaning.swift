// What several keys mean together.

import Classification
import Fairness
import Kernels

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

extension Recipe {
  /// Whether the predicted probabilities of some epoch are summed by class.
  package var sumsPredictions: Bool {
    let policies = trainingMethod.policies
    return (0..<training.epochs).contains { policies.needsPredictions(during: $0) }
  }

  /// Whether each example has a prior of its own.
  package var drawsBySample: Bool {
    fairness.prior == TargetPriorRule.sample && (startsTargeted || fairness.targeted == .strong)
  }
}

extension Recipe {
  /// The method as results are called: in what its attack multiplies with it, where that is not Float.
  package var methodTitle: String {
    Self.methodTitle(method.name, attackPrecision: attack.precision.rawValue)
  }

  /// The same of the values of the keys.
  package static func methodTitle(_ method: String, attackPrecision: String?) -> String {
    guard let attackPrecision, attackPrecision != Precision.float32.rawValue else { return method }
    return "\(method), attack in \(attackPrecision)"
  }

  /// Who multiplies in bfloat16: nil where nothing does, as in judging weights.
  package func bfloat16(trains: Bool) -> BFloat16Unit? {
    trains && attack.precision == .bfloat16 ? engine.bfloat16 : nil
  }
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
    if let fault = model.choice.networkFault { return fault }
    let method = trainingMethod
    if let fault = method.policies.compactMap(\.fault).first { return ("method.name", fault) }
    if method.needsStart && model.startFrom == nil {
      return (
        "model.start-from",
        "\(self.method.name) goes on from a robust model: give the checkpoint of one, such as the last of a run of at"
      )
    }
    if model.startHead == .new && model.startFrom == nil {
      return (
        "model.start-head",
        "it is new in a training from nothing: name weights by model.start-from, or set it to kept"
      )
    }
    if training.labelSmoothing.value > 0 && method.loss.smoothed(training.labelSmoothing.float) == nil {
      return (
        "training.label-smoothing",
        "the loss of \(self.method.name) has no form with smoothed labels: set it to 0, or choose another method"
      )
    }
    if !method.policies.isEmpty && (fairness.margins || fairness.betaLambda != nil) {
      return (
        fairness.margins ? "fairness.margins" : "fairness.beta-lambda",
        "\(self.method.name) sets the margins and weights of the classes itself: set it to "
          + (fairness.margins ? "false" : "none")
      )
    }
    if fairness.betaLambda != nil && !fields.contains(where: { $0.path == "method.beta" }) {
      return ("fairness.beta-lambda", "\(self.method.name) has no beta: set it to none, or choose another method")
    }
    let judges = (0..<training.epochs).contains {
      method.policies.needsValidation(before: $0) || method.policies.needsLosses(before: $0)
    }
    if judges && data.validation.value == 0 {
      return (
        "data.validation", "\(self.method.name) sets the weights of the classes by validation images: hold out some"
      )
    }
    if attack.dropPath == .on && !fields.contains(where: { $0.path == "model.drop-path" }) {
      return (
        "attack.drop-path",
        "\(model.name) has no branches to leave out: set it to off, or choose a model with model.drop-path"
      )
    }
    let leaves = method.problems.contains { $0.stopped == .leave }
    if leaves && attack.batchStatistics != .running {
      return (
        "attack.frozen",
        "examples can leave only where they do not share statistics: set attack.batch-statistics to running, or "
          + "attack.frozen to stay"
      )
    }
    if averaging.fawa && data.validation.value == 0 {
      return (
        "averaging.fawa",
        "FAWA judges by validation images and data.validation is 0; give it some, or set averaging.fawa to false"
      )
    }
    if let fault = augmentationContradiction { return fault }
    if training.optimizer.name != "sgd" {
      for (path, isGiven) in [
        ("training.momentum", training.momentum != Recipe().training.momentum),
        ("training.nesterov", training.nesterov),
      ] where isGiven {
        return (
          path, "only training.optimizer sgd reads it, and that is \(training.optimizer.name): leave it at its default"
        )
      }
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
