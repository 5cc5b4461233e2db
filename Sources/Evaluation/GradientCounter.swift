// A classifier under attack that counts what gave the attack no direction: gradients that are zero, logits that are no numbers.
//
// A sign attack moves a pixel where its gradient is above or below 0. Where softmax is saturated in single precision
// (p_y = 1), the gradient is exactly 0 for every pixel, the attack stands still, and the image passes for robust.

import Classification
import Tensors

/// Passes on what it is asked, and looks at every gradient in the images.
package final class GradientCounter<Base: DifferentiableClassifier>: DifferentiableClassifier {
  /// Gradients of one image each.
  package private(set) var count: Int64 = 0
  /// Those of them without an entry above or below 0: zero, or NaN.
  package private(set) var zeros: Int64 = 0
  /// Images of whose logits one is NaN or infinite.
  package private(set) var overflows: Int64 = 0
  private let base: Base

  package init(_ base: Base) { self.base = base }

  package var classCount: Int { base.classCount }

  package func logits(of images: Tensor) throws -> Tensor {
    let logits = try base.logits(of: images)
    for n in 0..<logits.shape.n {
      let z = UnsafeBufferPointer(start: logits.image(n), count: logits.shape.c)
      if !z.allSatisfy(\.isFinite) { overflows += 1 }
    }
    return logits
  }

  package func imageGradient(of dLogits: Tensor) throws -> Tensor {
    let gradient = try base.imageGradient(of: dLogits)
    for n in 0..<gradient.shape.n {
      let entries = UnsafeBufferPointer(start: gradient.image(n), count: gradient.shape.imageCount)
      count += 1
      // As a rule the first entry ends the search.
      if !entries.contains(where: { $0 > 0 || $0 < 0 }) { zeros += 1 }
    }
    return gradient
  }
}
