// A classifier under judgement that asks, before every forward pass, whether to go on.

import Classification
import Tensors

/// Passes on what it is asked, after a question of its own.
final class InterruptibleClassifier<Base: DifferentiableClassifier>: DifferentiableClassifier {
  private let base: Base
  private let ask: () throws -> Void

  init(_ base: Base, _ ask: @escaping () throws -> Void) {
    self.base = base
    self.ask = ask
  }

  var classCount: Int { base.classCount }

  func logits(of images: Tensor) throws -> Tensor {
    try ask()
    return try base.logits(of: images)
  }

  func imageGradient(of dLogits: Tensor) throws -> Tensor { try base.imageGradient(of: dLogits) }
}
