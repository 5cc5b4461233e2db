// One attack's evaluation with the matrices behind its numbers, as `evaluate --json` writes it.

/// The confusion of clean and of attacked images, and the numbers that follow from it.
///
/// In JSON the keys of `EvaluationResult` stand beside `attack`, `norm` (unless L∞), `count`, `confusion` (attacked images),
/// `clean_confusion`, `warnings`, and where they are known `stages`, `epsilon`, `model` and `intervals`; reading takes the matrices
/// and computes the rest anew.
package struct AttackEvaluation: Equatable, Sendable {
  /// The attack's name with what distinguishes it, such as `pgd-10`.
  package let attack: String
  /// The norm of the ball where it is not that of L∞, such as `l2`.
  package let norm: String?
  package let clean: ConfusionMatrix
  package let robust: ConfusionMatrix
  /// Why the numbers may say less than they seem to.
  package let warnings: [EvaluationWarning]
  /// What each of several attacks left robust; empty where that is not known.
  package let stages: [Stage]
  /// The radius of the attack's ball, pixels in [0, 1]; nil where that is known otherwise, as the next two.
  package var epsilon: Double?
  /// Whose weights these are.
  package var subject: EvaluationSubject?
  /// How far the accuracies may be off because the images are a sample.
  package var intervals: AccuracyIntervals?

  /// One attack of several.
  package struct Stage: Codable, Equatable, Sendable {
    package let attack: String
    /// Examples of the whole evaluation.
    package let count: Int64
    /// Those that are classified correctly after this attack and all before it, and of each class.
    package let robustCount: Int64
    package let classRobustCount: [Int64]
    /// What it took.
    package let seconds: Double

    private enum CodingKeys: String, CodingKey {
      case attack, count, seconds
      case robustCount = "robust_count"
      case classRobustCount = "class_robust_count"
    }
  }

  /// The evaluation of two matrices of the same K, neither of them empty.
  package init(
    attack: String, norm: String? = nil, clean: ConfusionMatrix, robust: ConfusionMatrix,
    warnings: [EvaluationWarning] = [], stages: [Stage] = []
  ) {
    precondition(clean.classCount == robust.classCount, "matrices of different classes")
    self.warnings = warnings
    self.attack = attack
    self.norm = norm
    self.clean = clean
    self.robust = robust
    self.stages = stages
  }

  /// The evaluation that examples' verdicts make.
  ///
  /// - Parameter seconds: what each attack took.
  package init(
    attack: String, norm: String? = nil, _ verdicts: Verdicts, seconds: [Double], warnings: [EvaluationWarning]
  ) {
    self.init(
      attack: attack, norm: norm, clean: verdicts.clean, robust: verdicts.robust, warnings: warnings,
      stages: zip(verdicts.attacks, seconds).enumerated().map { number, stage in
        let robust = verdicts.robustByClass(after: number)
        return Stage(
          attack: stage.0, count: Int64(verdicts.examples.count), robustCount: robust.reduce(0, +),
          classRobustCount: robust, seconds: stage.1)
      })
  }

  /// The same without what differs from one run to the next.
  package var withoutStages: AttackEvaluation {
    AttackEvaluation(attack: attack, norm: norm, clean: clean, robust: robust, warnings: warnings)
  }

  /// Attacked images.
  package var count: Int64 { robust.total }
  /// The numbers to report.
  package var result: EvaluationResult { EvaluationResult(clean: clean, robust: robust) }
}

extension AttackEvaluation: Codable {
  private enum CodingKeys: String, CodingKey {
    case attack, norm, epsilon, count, confusion, warnings, stages, intervals
    case subject = "model"
    case cleanConfusion = "clean_confusion"
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let clean = try container.decode(ConfusionMatrix.self, forKey: .cleanConfusion)
    let robust = try container.decode(ConfusionMatrix.self, forKey: .confusion)
    guard clean.examples == robust.examples, clean.total > 0 else {
      throw DecodingError.dataCorruptedError(
        forKey: .confusion, in: container, debugDescription: "the two matrices are of different images, or of none")
    }
    self.init(
      attack: try container.decode(String.self, forKey: .attack),
      norm: try container.decodeIfPresent(String.self, forKey: .norm), clean: clean, robust: robust,
      warnings: try container.decodeIfPresent([EvaluationWarning].self, forKey: .warnings) ?? [],
      stages: try container.decodeIfPresent([Stage].self, forKey: .stages) ?? [])
    epsilon = try container.decodeIfPresent(Double.self, forKey: .epsilon)
    subject = try container.decodeIfPresent(EvaluationSubject.self, forKey: .subject)
    intervals = try container.decodeIfPresent(AccuracyIntervals.self, forKey: .intervals)
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(attack, forKey: .attack)
    try container.encodeIfPresent(norm, forKey: .norm)
    try container.encode(count, forKey: .count)
    try container.encode(robust, forKey: .confusion)
    try container.encode(clean, forKey: .cleanConfusion)
    try container.encode(warnings, forKey: .warnings)
    if !stages.isEmpty { try container.encode(stages, forKey: .stages) }
    try container.encodeIfPresent(epsilon, forKey: .epsilon)
    try container.encodeIfPresent(subject, forKey: .subject)
    try container.encodeIfPresent(intervals, forKey: .intervals)
    try result.encode(to: encoder)
  }
}
