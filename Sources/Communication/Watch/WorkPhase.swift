// What a rank is at, as the other ranks of its host can read it.

/// The part of a run that a rank is in.
package enum WorkPhase: Int, Sendable {
  case starting, attack, training, reduction, optimizer, evaluation, checkpoint, ended

  /// Words for a message, such as `attack step 3`.
  ///
  /// - Parameter part: the attack's step from 1, or the examples that an evaluation has judged.
  func words(part: Int) -> String {
    switch self {
    case .starting: "the start"
    case .attack: "attack step \(part)"
    case .training: "the training pass"
    case .reduction: "the sum of gradients"
    case .optimizer: "the optimizer's step"
    case .evaluation: "an evaluation, \(part) of its examples judged"
    case .checkpoint: "a checkpoint"
    case .ended: "the end"
    }
  }
}
