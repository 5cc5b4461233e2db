// Fast adaptive boundary: the nearest point that is classified otherwise, by steps onto the boundary as the gradient has it.
//
//   Δf_k = z_k(x_i) − z_y(x_i),   w_k = ∇Δf_k(x_i)
//   k = the target; or, where no class is aimed at, that of the nearest boundary, with the least |Δf_k| / (‖w_k‖* + 1e-12)
//   H: ⟨w_k, ·⟩ = ⟨w_k, x_i⟩ − Δf_k;   d, d' the least offsets from x_i and x onto H in [0, 1]
//   α = min( |d|/(|d| + |d'|), 0.1 )
//   x_{i+1} = clip_[0,1]( (1 − α)·(x_i + 1.05·d) + α·(x + 1.05·d') )
//   where x_{i+1} is classified otherwise: it is kept if none nearer was, and x_{i+1} ← x + 0.9·(x_{i+1} − x)
//
// |·| is the norm of the ball, ‖·‖* the one that goes with it: the sum of absolute values for L∞, L2 for L2. The search begins at the
// image, or half the radius away from it in a random direction.
//
// Croce and Hein, "Minimally distorted adversarial examples with a fast adaptive boundary attack", ICML 2020
// (arXiv:1907.02044), with starts and rounds as AutoAttack's fab_base.py has them: only the first of several searches begins at the
// image. The radius plays no part but in the start; here an example leaves the search with the first point inside the ball, since
// nearer ones would change no verdict.

import Classification
import Kernels
import Tensors

/// FAB in the norm of the ball.
package struct FAB: Attack {
  /// Which boundary is gone for.
  package enum Aim: Sendable {
    /// That of the goal's target; without one, of the class that is likeliest now.
    case goal
    /// The nearest of all: one gradient for each wrong class in every iteration.
    case nearest
  }

  package var iterations: Int
  package var aim: Aim
  package var startsAtRandom: Bool
  private static let largestWeight: Float = 0.1, overshoot: Float = 1.05, backward: Float = 0.9

  package init(iterations: Int = 100, aim: Aim = .goal, startsAtRandom: Bool = false) {
    self.iterations = iterations
    self.aim = aim
    self.startsAtRandom = startsAtRandom
  }

  /// Searches for the nearest boundary, all but the first from random starts.
  package static func restarted(iterations: Int = 100, _ count: Int) -> Successive {
    Successive((0..<count).map { FAB(iterations: iterations, aim: .nearest, startsAtRandom: $0 > 0) })
  }

  package func passes(classes: Int) -> AttackPasses {
    AttackPasses(forward: 2 * iterations, gradient: iterations * (aim == .nearest ? classes - 1 : 1))
  }

  package func search(
    _ problem: AttackProblem, of model: some DifferentiableClassifier, _ workspace: AttackWorkspace
  ) throws {
    let points = workspace.memory(1, like: problem.original)
    var remaining = Remaining(problem)
    for n in remaining.places {
      if startsAtRandom {
        problem.threat.beginFar(n, problem, into: points.image(n), part: 0.5)
      } else {
        points.image(n).update(from: problem.original.image(n), count: problem.pixels)
      }
    }
    for iteration in 0..<iterations {
      workspace.stepBegins(iteration)
      let logits = try model.logits(of: workspace.gathered(points, remaining.places))
      let (differences, gradient) =
        aim == .goal
        ? try boundary(logits, remaining.places.map { problem.goals[$0] }, model, workspace)
        : try nearest(logits, remaining.places, problem, model, workspace)
      workspace.pool.forEach(remaining.count) { [remaining] place, _ in
        let n = remaining.places[place]
        move(
          points.image(n), problem.original.image(n), gradient.image(place), differences[place], problem.threat.norm,
          problem.pixels)
      }
      let moved = try model.logits(of: workspace.gathered(points, remaining.places))
      remaining.drop { place, n in
        guard CrossEntropy.prediction(moved, place) != problem.goals[n].label else { return false }
        let (point, x) = (points.image(n), problem.original.image(n))
        guard problem.threat.distance(point, x, count: problem.pixels) > problem.threat.epsilon[n] else {
          problem.adversarial.image(n).update(from: point, count: problem.pixels)
          return true
        }
        for i in 0..<problem.pixels { point[i] = x[i] + Self.backward * (point[i] - x[i]) }
        return false
      }
      if remaining.isEmpty { return }
    }
    for n in remaining.places { problem.restore(n) }
  }

  /// Δf and w of each image passed, side by side; the model's memory until its next gradient.
  private func boundary(
    _ logits: Tensor, _ goals: [Goal], _ model: some DifferentiableClassifier, _ workspace: AttackWorkspace
  ) throws -> (differences: [Float], gradient: Tensor) {
    let dLogits = workspace.dLogits(goals.count)
    let differences = goals.indices.map { place in
      AttackLoss.margin.evaluate(
        logits.image(place), classes: dLogits.shape.c, goals[place], reference: workspace.reference.image(place),
        gradient: dLogits.image(place))
    }
    return (differences, try model.imageGradient(of: dLogits))
  }

  /// The same of the class whose boundary is nearest; of equally near ones the first after the label, in a ring.
  private func nearest(
    _ logits: Tensor, _ places: [Int], _ problem: AttackProblem, _ model: some DifferentiableClassifier,
    _ workspace: AttackWorkspace
  ) throws -> (differences: [Float], gradient: Tensor) {
    let classes = logits.shape.c
    let kept = workspace.memory(2, like: problem.original).prefix(places.count)
    var least = [(difference: Float, away: Double)](repeating: (0, .infinity), count: places.count)
    for turn in 1..<classes {
      let goals = places.map { n in
        let label = problem.goals[n].label
        return Goal.reach((label + turn) % classes, from: label)
      }
      let (differences, gradient) = try boundary(logits, goals, model, workspace)
      for place in places.indices {
        let w = gradient.image(place)
        let away = Double(abs(differences[place])) / (1e-12 + steepness(w, problem.threat.norm, problem.pixels))
        // The first is kept whatever it is.
        guard away < least[place].away || turn == 1 else { continue }
        least[place] = (differences[place], away)
        kept.image(place).update(from: w, count: problem.pixels)
      }
    }
    return (least.map(\.difference), kept)
  }

  /// ‖w‖*: how fast ⟨w, ·⟩ changes at most, by distance in the norm.
  private func steepness(_ w: UnsafePointer<Float>, _ norm: Norm, _ count: Int) -> Double {
    switch norm {
    case .linf: Eights.sumOfMagnitudes(w, count: count)
    case .l2: Elementwise.sumOfSquares(w, count: count).squareRoot()
    }
  }

  /// One iteration of one example, in place.
  private func move(
    _ point: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>, _ w: UnsafePointer<Float>, _ difference: Float,
    _ norm: Norm, _ count: Int
  ) {
    let b = Eights.product(w, point, count: count) - Double(difference)
    let own = BoxProjection(of: point, to: w, b, in: norm, count: count)
    let original = BoxProjection(of: x, to: w, b, in: norm, count: count)
    let (near, far) = (max(own.norm, 1e-8), max(original.norm, 1e-8))
    let weight = min(near / (near + far), Self.largestWeight)
    Eights.forEach(count) { at in
      let (w, now, x) = (at.load(w), at.load(point), at.load(x))
      let fromPoint = now + Self.overshoot * own.offset(w, now)
      let fromOriginal = x + Self.overshoot * original.offset(w, x)
      let mixed = (1 - weight) * fromPoint + weight * fromOriginal
      at.store(mixed.clamped(lowerBound: .zero, upperBound: .one), point)
    }
  }
}
