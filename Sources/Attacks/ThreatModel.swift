// Where an adversarial example may lie, and what it is to achieve: arguments of an attack, never part of one.

import Kernels
import Parallelism
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

  /// x' ← clip_[0,1]( clip_[x−ε, x+ε]( x' ) ) of the active examples, in place.
  package func project(_ problem: AttackProblem, _ pool: ThreadPool) {
    pool.forEach(problem.activeCount) { place, _ in
      let n = problem.active(place)
      Elementwise.clip(
        problem.adversarial.image(n), around: problem.original.image(n), epsilon: epsilon[n], count: problem.pixels)
    }
  }

  /// How far a candidate of `count` numbers lies from its original: the largest |x' − x|.
  package static func distance(
    _ adversarial: UnsafePointer<Float>, _ original: UnsafePointer<Float>, count: Int
  ) -> Float { Elementwise.largestDifference(adversarial, original, count: count) }
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
