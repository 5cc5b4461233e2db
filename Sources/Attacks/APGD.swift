// Auto-PGD: projected gradient ascent with momentum, whose step size follows from what the search finds.
//
//   x_0 = Π( x + ε·u/max|u| ), u ~ U(−1, 1);   η = 2ε
//   z = Π( x_i + η·sign ∇L(x_i) ),   x_{i+1} = Π( x_i + a·(z − x_i) + (1 − a)·(x_i − x_{i−1}) ),   a = 1, then 3/4
//
// in the L∞ ball. In the L2 ball u/max|u| is t/(‖t‖ + 1e-12), t ~ N(0, 1), and the sign g/(‖g‖ + 1e-12).
//
// At checkpoints, which come ever closer (22 % of the iterations after the start, then each 3 % sooner, 6 % at least), η is
// halved and the search goes back to its best point if the loss rose in no more than 3/4 of the iterations since the last
// one, or if η was not halved there and the best loss is still the same.
//
// Croce and Hein, "Reliable evaluation of adversarial robustness with an ensemble of diverse parameter-free attacks", ICML 2020
// (arXiv:2003.01690); where the paper leaves a choice, as in its authors' autopgd_base.py: the loss of the first iteration
// is compared with 0, the first comparison after a halving with the point that was left, and the momentum goes on from there.

import Classification
import Tensors

/// APGD in the ball of either norm.
package struct APGD: Attack {
  package var iterations: Int
  package var loss: AttackLoss

  package init(iterations: Int = 100, loss: AttackLoss) {
    self.iterations = iterations
    self.loss = loss
  }

  /// What the search for one example knows of its course.
  private struct Course {
    /// η.
    var step: Float
    /// The largest loss, and that of the last iterate.
    var best = -Float.infinity, last: Float = 0
    /// Iterations since the last checkpoint in which the loss rose.
    var rises = 0
    /// The largest loss at the last checkpoint, and whether η was halved there.
    var bestBefore = -Float.infinity, wasHalved = true

    /// Halves η where the last `window` iterations ask for it; whether they do.
    mutating func meetsCheckpoint(after window: Int) -> Bool {
      let roseRarely = Float(rises) <= 0.75 * Float(window)
      wasHalved = roseRarely || (!wasHalved && best == bestBefore)
      if wasHalved { step /= 2 }
      bestBefore = best
      rises = 0
      return wasHalved
    }
  }

  package func passes(classes: Int) -> AttackPasses { AttackPasses(forward: iterations + 1, gradient: iterations) }

  package func search(
    _ problem: AttackProblem, of model: some DifferentiableClassifier, _ workspace: AttackWorkspace
  ) throws {
    let (before, best) = (workspace.memory(1, like: problem.original), workspace.memory(2, like: problem.original))
    let (gradient, bestGradient) = (
      workspace.memory(3, like: problem.original), workspace.memory(4, like: problem.original)
    )
    var courses = problem.threat.epsilon.map { Course(step: 2 * $0) }
    var remaining = Remaining(problem)
    var checkpoints = Checkpoints(iterations)
    workspace.pool.forEach(remaining.count) { place, _ in
      let n = remaining.places[place]
      problem.threat.beginFar(n, problem, into: problem.adversarial.image(n))
      copy(n, problem.adversarial, before)
    }
    for iteration in -1..<iterations {
      if iteration >= 0 {
        workspace.stepBegins(iteration)
        workspace.pool.forEach(remaining.count) { [remaining, courses] place, _ in
          let n = remaining.places[place]
          problem.threat.momentumStep(
            n, problem, before: before.image(n), gradient: gradient.image(n), step: courses[n].step,
            weight: iteration == 0 ? 1 : 0.75)
        }
      }
      let logits = try model.logits(of: workspace.gathered(problem.adversarial, remaining.places))
      let dLogits = workspace.dLogits(remaining.count)
      var losses: [Float] = []
      for (place, n) in remaining.places.enumerated() {
        losses.append(
          loss.evaluate(
            logits.image(place), classes: dLogits.shape.c, problem.goals[n], reference: workspace.reference.image(n),
            gradient: dLogits.image(place)))
      }
      let isBroken = remaining.places.enumerated().map { place, n in
        CrossEntropy.prediction(logits, place) != problem.goals[n].label
      }
      // Nobody asks for the gradient at the last point, or where all are broken.
      let goesOn = iteration + 1 < iterations && isBroken.contains(false)
      let passed = goesOn ? try model.imageGradient(of: dLogits) : nil
      let isCheckpoint = iteration >= 0 && checkpoints.end(with: iteration)
      let window = checkpoints.length
      for (place, n) in remaining.places.enumerated() where !isBroken[place] {
        if let passed { copy(place, passed, gradient, n) }
        if iteration >= 0 && losses[place] > courses[n].last { courses[n].rises += 1 }
        if iteration >= 0 { courses[n].last = losses[place] }
        if losses[place] > courses[n].best {
          courses[n].best = losses[place]
          copy(n, problem.adversarial, best)
          copy(n, gradient, bestGradient)
        }
        guard isCheckpoint else { continue }
        if courses[n].meetsCheckpoint(after: window) {
          copy(n, best, problem.adversarial)
          copy(n, bestGradient, gradient)
        }
      }
      if isCheckpoint { checkpoints.next() }
      remaining.drop { place, _ in isBroken[place] }
      if remaining.isEmpty { return }
    }
    for n in remaining.places { problem.restore(n) }
  }

  /// Image `from` of a tensor into image `to` of another, by default the same.
  private func copy(_ from: Int, _ source: Tensor, _ target: Tensor, _ to: Int? = nil) {
    target.image(to ?? from).update(from: source.image(from), count: source.shape.imageCount)
  }

  /// The iterations after which steps are looked at.
  private struct Checkpoints {
    /// Iterations of the window at work.
    private(set) var length: Int
    private let shortest: Int, decrease: Int
    private var first = 0

    init(_ iterations: Int) {
      length = max(Int(0.22 * Double(iterations)), 1)
      shortest = max(Int(0.06 * Double(iterations)), 1)
      decrease = max(Int(0.03 * Double(iterations)), 1)
    }

    /// Whether a window ends with this iteration.
    func end(with iteration: Int) -> Bool { iteration + 1 == first + length }

    mutating func next() {
      first += length
      length = max(length - decrease, shortest)
    }
  }
}
