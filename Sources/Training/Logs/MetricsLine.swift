// The lines of `metrics.jsonl`: everything that a plot or a table of a run needs.

import Fairness
import Foundation

/// `{"kind": "step", ...}`.
struct StepRecord: Codable {
  var kind = "step"
  let epoch: Int, step: Int
  let loss: Double
  let learningRate: Double
  /// All ranks, since the last step line.
  let imagesPerSecond: Double
  let seconds: StepSeconds
  let ranks: RankTimes

  enum CodingKeys: String, CodingKey {
    case kind, epoch, step, loss, seconds, ranks
    case learningRate = "learning_rate"
    case imagesPerSecond = "images_per_second"
  }
}

/// `{"kind": "epoch", ...}`.
struct EpochRecord: Codable {
  struct Train: Codable {
    let loss: Double
    let robustAccuracy: Double
    let classCount: [Int64], classCorrect: [Int64], falsePositives: [Int64]

    enum CodingKeys: String, CodingKey {
      case loss
      case robustAccuracy = "robust_accuracy"
      case classCount = "class_count"
      case classCorrect = "class_correct"
      case falsePositives = "false_positives"
    }
  }

  var kind = "epoch"
  let epoch: Int, step: Int
  let digest: String
  let imagesPerSecond: Double
  let train: Train
  let cfp: [Double]?
  let prior: [Double]
  let priorEntropy: Double
  let targets: [Int64]
  let margins255: [Float]
  let validation: [String: EvaluationResult]
  let test: [String: EvaluationResult]
  /// How often each average took in weights; 0 means that its results are those of the raw weights.
  let accepted: [String: Int]
  let best: Bool

  enum CodingKeys: String, CodingKey {
    case kind, epoch, step, digest, train, cfp, prior, targets, margins255, validation, test, accepted, best
    case imagesPerSecond = "images_per_second"
    case priorEntropy = "prior_entropy"
  }

  init(_ line: EpochLine, imagesPerSecond: Double) {
    let record = line.record
    epoch = line.epoch
    step = line.step
    digest = line.digest
    self.imagesPerSecond = imagesPerSecond
    let (correct, count) = (record.classCorrect.reduce(0, +), record.classCount.reduce(0, +))
    train = Train(
      loss: line.loss, robustAccuracy: Double(correct) / Double(count), classCount: record.classCount,
      classCorrect: record.classCorrect, falsePositives: record.falsePositives)
    cfp = record.cfp
    prior = record.prior
    priorEntropy = record.priorEntropy
    targets = record.targets
    margins255 = record.margins255
    validation = line.validation.mapValues(\.result)
    test = line.test.mapValues(\.result)
    accepted = line.accepted
    best = line.isBest
  }
}

/// A line of JSON with sorted keys.
func jsonLine(_ value: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  return String(decoding: try encoder.encode(value), as: UTF8.self)
}
