// Where an adversarial example may lie, and what it is to achieve: arguments of an attack, never part of one.

import Kernels
import Tensors

/// The L∞ ball around each original, cut with the pixel range [0, 1], and how fast an attack moves in it.
///
/// One radius per example, since class-wise methods give classes different margins.
package struct ThreatModel: Sendable {
  /// ε of each example, in pixel units of [0, 1].
  package var epsilon: [Float]
  /// The step of each example, in the same units; empty: the attack's own.
  package var stepSize: [Float] = []
  /// The steps made for each example; empty: the attack's own.
  package var steps: [Int] = []

  package init(epsilon: [Float]) { self.epsilon = epsilon }

  /// x' ← clip_[0,1]( clip_[x−ε, x+ε]( x' ) ), in place.
  package func project(_ adversarial: Tensor, around x: Tensor) {
    for n in epsilon.indices {
      let (a, o) = (adversarial.image(n), x.image(n))
      for i in 0..<x.shape.imageCount {
        a[i] = min(max(o[i] + min(max(a[i] - o[i], -epsilon[n]), epsilon[n]), 0), 1)
      }
    }
  }
}

/// What an attack wants of one example.
package enum Goal: Equatable, Sendable {
  /// Any prediction but this label.
  case avoid(Int)
  /// A prediction, of an example with another label.
  case reach(Int, from: Int)

  /// The true class.
  package var label: Int {
    switch self {
    case .avoid(let label), .reach(_, let label): label
    }
  }
}
