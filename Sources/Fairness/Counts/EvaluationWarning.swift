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
  }

  package let kind: Kind
  /// One line without a full stop at the end.
  package let text: String

  package init(_ kind: Kind, _ text: String) {
    self.kind = kind
    self.text = text
  }
}
