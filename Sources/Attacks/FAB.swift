// Fast adaptive boundary: the nearest point that is classified otherwise, by steps onto the boundary as the gradient has it.
//
//   Δf = z_t(x_i) − z_y(x_i),   w = ∇Δf(x_i);   H: ⟨w, ·⟩ = ⟨w, x_i⟩ − Δf;   d, d' the least offsets from x_i and x onto H in [0, 1]
//   α = min( |d|/(|d| + |d'|), 0.1 )
//   x_{i+1} = clip_[0,1]( (1 − α)·(x_i + 1.05·d) + α·(x + 1.05·d') )
//   where x_{i+1} is classified otherwise: it is kept if none nearer was, and x_{i+1} ← x + 0.9·(x_{i+1} − x)
//
// Croce and Hein, "Minimally distorted adversarial examples with a fast adaptive boundary attack", ICML 2020
// (arXiv:1907.02044), toward one class t at a time, as AutoAttack takes it. The radius plays no part in the search; here an
// example leaves it with the first point inside the ball, since nearer ones would change no verdict.

import Classification
import Tensors

/// FAB in the L∞ norm, for goals with a target.
package struct FAB: Attack {
  package var iterations: Int
  private static let largestWeight: Float = 0.1, overshoot: Float = 1.05, backward: Float = 0.9

  package init(iterations: Int = 100) { self.iterations = iterations }

  package func passes(classes: Int) -> AttackPasses { AttackPasses(forward: 2 * iterations, gradient: iterations) }

  package func search(
    _ problem: AttackProblem, of model: some DifferentiableClassifier, _ workspace: AttackWorkspace
  ) throws {
    let points = workspace.memory(1, like: problem.original)
    var remaining = Remaining(problem)
    for n in remaining.places { points.image(n).update(from: problem.original.image(n), count: problem.pixels) }
    for iteration in 0..<iterations {
      workspace.stepBegins(iteration)
      let logits = try model.logits(of: workspace.gathered(points, remaining.places))
      let dLogits = workspace.dLogits(remaining.count)
      var differences: [Float] = []
      for (place, n) in remaining.places.enumerated() {
        differences.append(
          AttackLoss.margin.evaluate(
            logits.image(place), classes: dLogits.shape.c, problem.goals[n], reference: workspace.reference.image(n),
            gradient: dLogits.image(place)))
      }
      let gradient = try model.imageGradient(of: dLogits)
      workspace.pool.forEach(remaining.count) { [remaining, differences] place, _ in
        let n = remaining.places[place]
        move(points.image(n), problem.original.image(n), gradient.image(place), differences[place], problem.pixels)
      }
      let moved = try model.logits(of: workspace.gathered(points, remaining.places))
      remaining.drop { place, n in
        guard CrossEntropy.prediction(moved, place) != problem.goals[n].label else { return false }
        let (point, x) = (points.image(n), problem.original.image(n))
        guard ThreatModel.distance(point, x, count: problem.pixels) > problem.threat.epsilon[n] else {
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

  /// One iteration of one example, in place.
  private func move(
    _ point: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>, _ w: UnsafePointer<Float>, _ difference: Float,
    _ count: Int
  ) {
    var product = 0.0
    for i in 0..<count { product += Double(w[i]) * Double(point[i]) }
    let b = product - Double(difference)
    let own = BoxProjection(of: point, to: w, b, count: count)
    let original = BoxProjection(of: x, to: w, b, count: count)
    let (near, far) = (max(own.norm, 1e-8), max(original.norm, 1e-8))
    let weight = min(near / (near + far), Self.largestWeight)
    for i in 0..<count {
      let fromPoint = point[i] + Self.overshoot * own.offset(i, w[i], point[i])
      let fromOriginal = x[i] + Self.overshoot * original.offset(i, w[i], x[i])
      point[i] = min(max((1 - weight) * fromPoint + weight * fromOriginal, 0), 1)
    }
  }
}
