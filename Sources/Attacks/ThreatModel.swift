// Where an adversarial example may lie, and what it is to achieve: arguments of an attack, never part of one.
//
//   L∞   start   x + ε·u, u ~ U(−1, 1)^n                         step   x' + s·sign(g)
//   L2   start   x + ε·v·t/‖t‖, v ~ U(0, 1), t ~ N(0, 1)^n       step   x' + s·g/(‖g‖ + 1e-12)
//
// both followed by a projection: into the ball, then into the pixel range. The start in L2 is that of torchattacks' PGDL2, whose length
// is uniform, not its place in the ball: in a thousand dimensions that would be the surface almost surely, which is where the
// program `robustness` starts.
//
// A search that wants to begin far off (APGD; FAB with half the radius) takes a direction as long as it may be: u over its largest entry
// in L∞, t/‖t‖ in L2.

import Kernels
import Parallelism
import Tensors

/// How far an image is from another.
package enum Norm: String, CaseIterable, Codable, Sendable {
  /// The largest change of a number.
  case linf
  /// The root of the sum of squared changes.
  case l2

  /// As people write it.
  package var title: String { self == .linf ? "L∞" : "L2" }

  /// A distance as people write it: in L∞ in units of 1/255, in L2 with its name.
  package func text(_ distance: Float) -> String { self == .linf ? "\(255 * distance)/255" : "\(distance) in L2" }
}

/// The ball around each original, cut with the pixel range [0, 1], and how fast an attack moves in it.
///
/// One radius per example, since class-wise methods give classes different margins.
package struct ThreatModel: Sendable {
  package var norm = Norm.linf
  /// ε of each example, in pixel units of [0, 1].
  package var epsilon: [Float]
  /// The step of each example, in the same units; empty: the attack's own.
  package var stepSize: [Float] = []
  /// The steps made for each example; empty: the attack's own.
  package var steps: [Int] = []

  package init(_ norm: Norm = .linf, epsilon: [Float]) {
    self.norm = norm
    self.epsilon = epsilon
  }

  /// Projects the active examples, in place.
  ///
  /// - L∞: x' ← clip_[0,1]( clip_[x−ε, x+ε]( x' ) ), to the rounding of x ± ε.
  /// - L2: x' ← clip_[0,1]( x + (x' − x)·min(1, ε/‖x' − x‖) ), after which `distance` is at most ε.
  package func project(_ problem: AttackProblem, _ pool: ThreadPool) {
    pool.forEach(problem.activeCount) { place, _ in
      let n = problem.active(place)
      project(problem.adversarial.image(n), n, around: problem.original.image(n), count: problem.pixels)
    }
  }

  /// Projects a candidate of example `n`.
  func project(
    _ adversarial: UnsafeMutablePointer<Float>, _ n: Int, around x: UnsafePointer<Float>, count: Int
  ) {
    switch norm {
    case .linf: Elementwise.clip(adversarial, around: x, epsilon: epsilon[n], count: count)
    case .l2: EuclideanBall.project(adversarial, around: x, epsilon: epsilon[n], count: count)
    }
  }

  /// How far a candidate of `count` numbers lies from its original.
  package func distance(
    _ adversarial: UnsafePointer<Float>, _ original: UnsafePointer<Float>, count: Int
  ) -> Float {
    switch norm {
    case .linf: Elementwise.largestDifference(adversarial, original, count: count)
    case .l2: EuclideanBall.distance(adversarial, original, count: count)
    }
  }

  /// How much farther than ε a candidate may lie by roundings that are nobody's fault: 2⁻²⁴ a number, which is half the distance
  /// of two Floats below 1.
  package func rounding(count: Int) -> Float { norm == .linf ? 0x1p-24 : 0x1p-24 * Float(count).squareRoot() }

  // MARK: - Starts and steps of the example n of a problem, in place

  /// A point anywhere in the ball.
  func begin(_ n: Int, _ problem: AttackProblem) {
    let (x, start, count) = (problem.original.image(n), problem.adversarial.image(n), problem.pixels)
    let (epsilon, stream) = (epsilon[n], problem.random.stream(n))
    switch norm {
    case .linf:
      stream.forEachWord(count) { i, word in
        start[i] = min(max(x[i] + (2 * RandomStream.uniform(word) - 1) * epsilon, 0), 1)
      }
    case .l2:
      stream.forEachWord(count) { i, word in start[i] = RandomStream.normal(word) }
      EuclideanBall.place(start, around: x, radius: epsilon * stream.uniform(at: count), count: count)
    }
  }

  /// A point as far from the original as this part of the radius reaches, in a random direction.
  func beginFar(_ n: Int, _ problem: AttackProblem, into start: UnsafeMutablePointer<Float>, part: Float = 1) {
    let (x, count, radius, stream) = (
      problem.original.image(n), problem.pixels, part * epsilon[n], problem.random.stream(n)
    )
    switch norm {
    case .linf:
      var largest: Float = 0
      stream.forEachWord(count) { i, word in
        start[i] = 2 * RandomStream.uniform(word) - 1
        largest = max(largest, abs(start[i]))
      }
      let scale = radius / (largest + 1e-12)
      for i in 0..<count { start[i] = min(max(x[i] + scale * start[i], 0), 1) }
    case .l2:
      stream.forEachWord(count) { i, word in start[i] = RandomStream.normal(word) }
      EuclideanBall.place(start, around: x, radius: radius, count: count)
    }
  }

  /// One step up a gradient.
  func step(_ n: Int, _ problem: AttackProblem, gradient: UnsafePointer<Float>, step: Float) {
    let (adversarial, x) = (problem.adversarial.image(n), problem.original.image(n))
    switch norm {
    case .linf:
      Elementwise.signStep(
        adversarial, original: x, gradient: gradient, step: step, epsilon: epsilon[n], count: problem.pixels)
    case .l2:
      EuclideanBall.step(
        adversarial, original: x, gradient: gradient, step: step, epsilon: epsilon[n], count: problem.pixels)
    }
  }

  /// One step up a gradient that goes on in the direction of the last by 1 − `weight`; `before` becomes where it started.
  func momentumStep(
    _ n: Int, _ problem: AttackProblem, before: UnsafeMutablePointer<Float>, gradient: UnsafePointer<Float>,
    step: Float, weight: Float
  ) {
    let (adversarial, x) = (problem.adversarial.image(n), problem.original.image(n))
    switch norm {
    case .linf:
      Elementwise.momentumSignStep(
        adversarial, before: before, original: x, gradient: gradient, step: step, weight: weight, epsilon: epsilon[n],
        count: problem.pixels)
    case .l2:
      EuclideanBall.momentumStep(
        adversarial, before: before, original: x, gradient: gradient, step: step, weight: weight, epsilon: epsilon[n],
        count: problem.pixels)
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
