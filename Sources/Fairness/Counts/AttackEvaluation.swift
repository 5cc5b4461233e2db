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

  /// The evaluation of two matrices of the same K, neither of them empty.
  package init(
    attack: String, clean: ConfusionMatrix, robust: ConfusionMatrix, warnings: [EvaluationWarning] = []
  ) {
    precondition(clean.classCount == robust.classCount, "matrices of different classes")
    self.warnings = warnings
    self.attack = attack
    self.clean = clean
    self.robust = robust
  }

  /// Attacked images.
  package var count: Int64 { robust.total }
  /// The numbers to report.
  package var result: EvaluationResult { EvaluationResult(clean: clean, robust: robust) }
}

extension AttackEvaluation: Codable {
  private enum CodingKeys: String, CodingKey {
    case attack, count, confusion, warnings
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
      warnings: try container.decodeIfPresent([EvaluationWarning].self, forKey: .warnings) ?? [])
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(attack, forKey: .attack)
    try container.encode(count, forKey: .count)
    try container.encode(robust, forKey: .confusion)
    try container.encode(clean, forKey: .cleanConfusion)
    try container.encode(warnings, forKey: .warnings)
    try result.encode(to: encoder)
  }
}
