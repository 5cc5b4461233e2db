// Why the numbers of an evaluation may say less than they seem to.

/// A reason to mistrust robust accuracy, for the user and for those who read the results.
package struct EvaluationWarning: Codable, Equatable, Sendable {
  package enum Kind: String, Codable, Sendable {
    /// All steps together are shorter than epsilon.
    case shortAttack = "short-attack"
    /// Many input gradients gave the attack no direction.
    case zeroGradients = "zero-gradients"
    /// All images have the same logits.
    case constantLogits = "constant-logits"
    /// The logits of many images are all one number.
    case equalLogits = "equal-logits"
    /// The logits are probabilities already.
    case probabilities
    /// A black-box attack broke what those by gradients could not.
    case blackBox = "black-box"
    /// The attack made more images right than wrong.
    case robustAboveClean = "robust-above-clean"
    /// A larger ball left more images right than a smaller one.
    case robustGrows = "robust-grows-with-epsilon"
    /// The worst class, a mean of classes, lies above the accuracy, a mean of images.
    case unequalClasses = "unequal-classes"
  }

  package let kind: Kind
  /// One line without a full stop at the end.
  package let text: String

  package init(_ kind: Kind, _ text: String) {
    self.kind = kind
    self.text = text
  }

  /// A line where attacks made more images right than wrong, by more than three deviations of a fair coin.
  package static func robustAboveClean(_ verdicts: Verdicts) -> EvaluationWarning? {
    let won = verdicts.examples.count { $0.clean != $0.label && $0.isRobust }
    let lost = verdicts.examples.count { $0.clean == $0.label && !$0.isRobust }
    guard won > lost, (won - lost) * (won - lost) > 9 * (won + lost) else { return nil }
    return EvaluationWarning(
      .robustAboveClean,
      "the attack made \(won) images right and \(lost) wrong: it does not find the way to other classes, or the model is no better "
        + "than chance")
  }

  /// A line where an attack that has no gradients lowers the accuracy by more than 0.2 points below what those by gradients left: then
  /// gradients say little of this model, and what they leave robust may not be so. Nothing is said where attacks by gradients come after
  /// it: these might have broken the same.
  ///
  /// - Parameters:
  ///   - blackBox: the names of attacks without gradients.
  package static func blackBox(_ verdicts: Verdicts, _ blackBox: Set<String>) -> EvaluationWarning? {
    for (number, name) in verdicts.attacks.enumerated() where number > 0 && blackBox.contains(name) {
      guard verdicts.attacks[(number + 1)...].allSatisfy(blackBox.contains) else { continue }
      let broken = verdicts.examples.count { Int($0.brokenBy) == number + 1 }
      guard 500 * broken > verdicts.examples.count else { continue }
      return EvaluationWarning(
        .blackBox,
        "\(name), which sees no gradients, broke \(broken) of \(verdicts.examples.count) images that the attacks before it could "
          + "not: gradients mislead on this model, and stronger attacks would break more")
    }
    return nil
  }

  /// A line where the worst classes seem better than all, since a class counts by its images there and once here.
  ///
  /// One class alone is never above the mean of all, the mean of a tenth of them may be.
  package static func unequalClasses(clean: ConfusionMatrix, robust: ConfusionMatrix) -> EvaluationWarning? {
    func percent(_ value: Double) -> String { "\((10_000 * value).rounded() / 100) %" }
    let above = [("clean", clean), ("robust", robust)].compactMap { name, matrix -> String? in
      // Equal accuracies of unequal classes may differ by rounding.
      guard let worst = matrix.worst, let all = matrix.accuracy, worst > all + 1e-9 else { return nil }
      return "\(name) \(percent(worst)) against \(percent(all))"
    }
    let sizes = clean.examples.filter { $0 > 0 }
    guard !above.isEmpty, let least = sizes.min(), let most = sizes.max() else { return nil }
    return EvaluationWarning(
      .unequalClasses,
      "the worst classes lie above the accuracy of all images (\(above.joined(separator: ", "))): that weights a class by its "
        + "number of images, \(least) to \(most) here, and the mean of the worst does not")
  }
}
