// One attack's evaluation with the matrices behind its numbers, as `evaluate --json` writes it.

/// The confusion of clean and of attacked images, and the numbers that follow from it.
///
/// In JSON the keys of `EvaluationResult` stand beside `attack`, `count`, `confusion` (attacked images),
/// `clean_confusion` and `warnings`; reading takes the matrices and computes the rest anew.
package struct AttackEvaluation: Equatable, Sendable {
  /// The attack's name with what distinguishes it, such as `pgd-10`.
  package let attack: String
  package let clean: ConfusionMatrix
  package let robust: ConfusionMatrix
  /// Why the numbers may say less than they seem to.
  package let warnings: [EvaluationWarning]
  /// What each of several attacks left robust; empty where that is not known.
  package let stages: [Stage]

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
    attack: String, clean: ConfusionMatrix, robust: ConfusionMatrix, warnings: [EvaluationWarning] = [],
    stages: [Stage] = []
  ) {
    precondition(clean.classCount == robust.classCount, "matrices of different classes")
    self.warnings = warnings
    self.attack = attack
    self.clean = clean
    self.robust = robust
    self.stages = stages
  }

  /// The evaluation that examples' verdicts make.
  ///
  /// - Parameter seconds: what each attack took.
  package init(attack: String, _ verdicts: Verdicts, seconds: [Double], warnings: [EvaluationWarning]) {
    self.init(
      attack: attack, clean: verdicts.clean, robust: verdicts.robust, warnings: warnings,
      stages: zip(verdicts.attacks, seconds).enumerated().map { number, stage in
        let robust = verdicts.robustByClass(after: number)
        return Stage(
          attack: stage.0, count: Int64(verdicts.examples.count), robustCount: robust.reduce(0, +),
          classRobustCount: robust, seconds: stage.1)
      })
  }

  /// The same without what differs from one run to the next.
  package var withoutStages: AttackEvaluation {
    AttackEvaluation(attack: attack, clean: clean, robust: robust, warnings: warnings)
  }

  /// Attacked images.
  package var count: Int64 { robust.total }
  /// The numbers to report.
  package var result: EvaluationResult { EvaluationResult(clean: clean, robust: robust) }
}

extension AttackEvaluation: Codable {
  private enum CodingKeys: String, CodingKey {
    case attack, count, confusion, warnings, stages
    case cleanConfusion = "clean_confusion"
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let clean = try container.decode(ConfusionMatrix.self, forKey: .cleanConfusion)
    let robust = try container.decode(ConfusionMatrix.self, forKey: .confusion)
    guard clean.classCount == robust.classCount else {
      throw DecodingError.dataCorruptedError(
        forKey: .confusion, in: container, debugDescription: "the two matrices have different classes")
    }
    self.init(
      attack: try container.decode(String.self, forKey: .attack), clean: clean, robust: robust,
      warnings: try container.decodeIfPresent([EvaluationWarning].self, forKey: .warnings) ?? [],
      stages: try container.decodeIfPresent([Stage].self, forKey: .stages) ?? [])
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(attack, forKey: .attack)
    try container.encode(count, forKey: .count)
    try container.encode(robust, forKey: .confusion)
    try container.encode(clean, forKey: .cleanConfusion)
    try container.encode(warnings, forKey: .warnings)
    if !stages.isEmpty { try container.encode(stages, forKey: .stages) }
    try result.encode(to: encoder)
  }
}
