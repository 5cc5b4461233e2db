// A classifier under attack that adds up the loss of every forward pass: the loss along the attack.
//
// Losses are added as whole numbers of parts in 2^24, exact in any order; a million images at a loss of a thousand are 2^54 parts.

import Classification
import Tensors

/// Passes on what it is asked, and adds up the cross-entropy of the images' labels.
final class LossRecorder<Base: DifferentiableClassifier>: DifferentiableClassifier {
  /// Σ loss of each pass so far, in parts of 2^−24.
  private(set) var sums: [Int64] = []
  private let base: Base
  private let labels: [Int]

  static var unit: Double { 16_777_216 }

  /// - Parameter labels: of the images of every pass.
  init(_ base: Base, labels: [Int]) {
    self.base = base
    self.labels = labels
  }

  var classCount: Int { base.classCount }

  func logits(of images: Tensor) throws -> Tensor {
    let logits = try base.logits(of: images)
    precondition(logits.shape.n == labels.count, "a pass of other images")
    var sum: Int64 = 0
    for (n, label) in labels.enumerated() {
      let loss = Double(CrossEntropy.evaluate(logits.image(n), classes: logits.shape.c, label: label)) * Self.unit
      // What is no number is told as an overflow of logits.
      if loss.isFinite { sum += Int64(min(loss, 1e15).rounded()) }
    }
    sums.append(sum)
    return logits
  }

  func imageGradient(of dLogits: Tensor) throws -> Tensor { try base.imageGradient(of: dLogits) }
}
