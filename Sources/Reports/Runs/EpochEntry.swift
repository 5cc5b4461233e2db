// A line `{"kind": "epoch", ...}` of `metrics.jsonl`, as far as pages need it.

/// What a run says after an epoch; keys that a line does not have are nil, others than these are passed over.
package struct EpochEntry: Decodable, Equatable, Sendable {
  /// Of the adversarial training batches.
  package struct Train: Decodable, Equatable, Sendable {
    package let loss: Double?
    /// In [0, 1].
    package let robustAccuracy: Double?
    package let classCount: [Int64]?
    package let classCorrect: [Int64]?

    private enum CodingKeys: String, CodingKey {
      case loss
      case robustAccuracy = "robust_accuracy"
      case classCount = "class_count"
      case classCorrect = "class_correct"
    }
  }

  /// From 0.
  package let epoch: Int
  /// Steps so far.
  package let step: Int?
  /// SHA-256 of the state, in hex.
  package let digest: String?
  /// All ranks, in training.
  package let imagesPerSecond: Double?
  package let train: Train?
  /// Each class's share in all false positives, in [0, 1].
  package let cfp: [Double]?
  /// The probability of each class as a target.
  package let prior: [Double]?
  /// How often each class was drawn.
  package let targets: [Int64]?
  /// epsilon_k in units of 1/255.
  package let margins255: [Double]?
  /// By weights: raw, ema, fawa.
  package let validation: [String: EvaluationEntry]?
  package let test: [String: EvaluationEntry]?
  /// How often each average took in weights.
  package let accepted: [String: Int]?
  /// Whether no epoch so far was better on the validation split.
  package let best: Bool?

  private enum CodingKeys: String, CodingKey {
    case epoch, step, digest, train, cfp, prior, targets, margins255, validation, test, accepted, best
    case imagesPerSecond = "images_per_second"
  }

  /// The results on a split.
  package func results(_ split: ResultSplit) -> [String: EvaluationEntry] {
    (split == .test ? test : validation) ?? [:]
  }

  /// Robust accuracy by class in the training batches; nil within for a class without examples.
  package var classTraining: [Double?]? {
    guard let count = train?.classCount, let correct = train?.classCorrect, count.count == correct.count else {
      return nil
    }
    return zip(correct, count).map { $1 == 0 ? nil : Double($0) / Double($1) }
  }
}
