// What an analysis found of one model.

/// One model under attacks of growing strength, and whom it takes for whom.
package struct ModelAnalysis: Encodable, Equatable, Sendable {
  /// What tables and charts call it.
  package let name: String
  /// The place that it was read from.
  package let place: String
  /// Whose weights these are, and which images judged them.
  package let subject: EvaluationSubject
  /// One a class.
  package let classNames: [String]
  /// Untargeted PGD against its radius, with a number of steps that stays.
  package let byEpsilon: AttackCurve
  /// The same against its steps, with a radius that stays.
  package let bySteps: AttackCurve
  /// Mean cross-entropy of the true labels at the start of the untargeted attack, and after each of its steps.
  package let losses: [Double]
  /// Images as they are, and after the untargeted attack: who is taken for whom.
  package let clean: ConfusionMatrix, robust: ConfusionMatrix
  package let targeted: TargetedSuccess
  /// The pairs of classes that the attack confuses most.
  package let confused: [ConfusedPair]
  /// Why the numbers may say less than they seem to.
  package let warnings: [EvaluationWarning]

  package init(
    name: String, place: String, subject: EvaluationSubject, classNames: [String], byEpsilon: AttackCurve,
    bySteps: AttackCurve, losses: [Double], clean: ConfusionMatrix, robust: ConfusionMatrix, targeted: TargetedSuccess,
    confused: [ConfusedPair], warnings: [EvaluationWarning]
  ) {
    self.name = name
    self.place = place
    self.subject = subject
    self.classNames = classNames
    self.byEpsilon = byEpsilon
    self.bySteps = bySteps
    self.losses = losses
    self.clean = clean
    self.robust = robust
    self.targeted = targeted
    self.confused = confused
    self.warnings = warnings
  }

  /// The share of each class in all false positives of the untargeted attack; nil without one.
  package var falsePositiveScores: [Double]? { robust.falsePositiveScores }

  private enum CodingKeys: String, CodingKey {
    case name, place, count, losses, confusion, cfp, targeted, confused, warnings
    case subject = "model"
    case classNames = "class_names"
    case byEpsilon = "by_epsilon"
    case bySteps = "by_steps"
    case cleanConfusion = "clean_confusion"
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try container.encode(place, forKey: .place)
    try container.encode(subject, forKey: .subject)
    try container.encode(classNames, forKey: .classNames)
    try container.encode(robust.total, forKey: .count)
    try container.encode(byEpsilon, forKey: .byEpsilon)
    try container.encode(bySteps, forKey: .bySteps)
    try container.encode(losses, forKey: .losses)
    try container.encode(clean, forKey: .cleanConfusion)
    try container.encode(robust, forKey: .confusion)
    try container.encode(falsePositiveScores, forKey: .cfp)
    try container.encode(targeted, forKey: .targeted)
    try container.encode(confused, forKey: .confused)
    try container.encode(warnings, forKey: .warnings)
  }
}
