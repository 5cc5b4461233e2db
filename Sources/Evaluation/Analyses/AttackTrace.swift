// What an attack did on its way.

import Tensors

/// An untargeted attack on all examples, step by step.
package struct AttackTrace {
  /// Mean cross-entropy of the labels at the start and after each step; the same on all ranks.
  package let losses: [Double]
  /// What is predicted of each adversary; the same on all ranks.
  package let predictions: [Int]
  /// Where each example's search ended, whether or not it is broken: those of this rank, `Evaluator.own(of:)`.
  package let adversaries: Tensor
}
