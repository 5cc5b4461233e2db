// Projected gradient descent, in the L∞ ball and, with the start and the step that ThreatModel.swift has for it, in the L2 ball:
//
//   x_0 = start,    x_{s+1} = Π( x_s + ω·N(0, 1) + α·sign ∇ L(x_s) )
//
//   L = CE(f(x'), y)        away from the label        L = −CE(f(x'), t)      toward a target
//   L = KL(p(x) ‖ p(x'))    away from what is predicted of x, p(x) taken once
//
// Madry et al., ICLR 2018 (arXiv:1706.06083); targeted and with a radius per class as in FAIR-TAT (Targeted_attack.py); KL as
// in TRADES (Zhang et al., ICML 2019). Which examples stop early, and when: EarlyStopping.swift.

import Classification
import Tensors

/// PGD with a fixed step.
package struct PGD: Attack {
  /// Where the search for an example begins.
  package enum Start: Equatable, Sendable {
    /// At the original.
    case original
    /// Anywhere in the ball; in L∞ x + ε·u, u ~ U(−1, 1), cut to the pixel range.
    case uniform
    /// x + deviation·N(0, 1); the first gradient is taken there before anything is cut, unless `clipped`.
    case normal(deviation: Float, clipped: Bool)
  }

  package var steps: Int
  /// α in pixel units of [0, 1].
  package var stepSize: Float
  package var start = Start.uniform
  /// What is climbed.
  package var objective = AttackLoss.crossEntropy
  package var stopping = EarlyStopping.never
  package var stopped = StoppedExamples.stay
  /// ω.
  package var noise: Float = 0
  /// Whether p(x) is taken: not where all ranks' examples have targets.
  package var takesReference = true
  /// Whether examples share statistics, so that the search ends on all ranks together.
  package var endsTogether = true
  /// Whether the last iterates pass through the model as well, which matters to running statistics alone.
  package var passesLast = false

  package init(steps: Int, stepSize: Float, start: Start = .uniform) {
    self.steps = steps
    self.stepSize = stepSize
    self.start = start
  }

  package func passes(classes: Int) -> AttackPasses {
    AttackPasses(
      forward: steps + (passesLast ? 1 : 0) + (objective == .divergence && takesReference ? 1 : 0), gradient: steps)
  }

  package func search(
    _ problem: AttackProblem, of model: some DifferentiableClassifier, _ workspace: AttackWorkspace
  ) throws {
    let (x, adversarial, threat) = (problem.original, problem.adversarial, problem.threat)
    let search = workspace.search
    search.begin(problem, stopping)
    workspace.pool.forEach(problem.activeCount) { place, _ in begin(problem.active(place), problem) }
    if objective == .divergence && takesReference {
      workspace.passBegins(.reference, search.passed)
      workspace.remember(try model.logits(of: search.candidates(of: x)), search.passed)
    }
    for step in 0..<steps + (passesLast ? 1 : 0) {
      if stopped == .leave && search.passed.isEmpty { break }
      workspace.stepBegins(step)
      workspace.passBegins(.step(step), search.passed)
      let logits = try model.logits(of: search.candidates(of: adversarial))
      if stopping != .never {
        search.judge(logits, problem.goals, stopping, adversarial)
        if try search.isOver(endsTogether && stopped == .stay ? workspace.allAgree : nil) { break }
      }
      if step == steps { break }
      let gradient = try model.imageGradient(of: gradients(logits, problem.goals, workspace))
      workspace.pool.forEach(search.passed.count) { place, _ in
        let n = search.passed[place]
        guard search.moves[place], threat.steps.isEmpty || step < threat.steps[n] else { return }
        if stopping == .beforeMisclassified { search.keep(n, of: adversarial) }
        if noise > 0 { addNoise(adversarial.image(n), problem.pixels, problem.random.stream(n, step: step + 1)) }
        threat.step(
          n, problem, gradient: gradient.image(place),
          step: threat.stepSize.isEmpty ? stepSize : threat.stepSize[n])
      }
      if stopped == .leave { search.drop() }
    }
  }

  /// dL/dlogits of the images passed.
  private func gradients(_ logits: Tensor, _ goals: [Goal], _ workspace: AttackWorkspace) -> Tensor {
    let passed = workspace.search.passed
    let dLogits = workspace.dLogits(passed.count)
    for (place, n) in passed.enumerated() {
      objective.evaluate(
        logits.image(place), classes: dLogits.shape.c, goals[n], reference: workspace.reference.image(n),
        gradient: dLogits.image(place))
    }
    return dLogits
  }

  // MARK: - Random numbers

  private func begin(_ n: Int, _ problem: AttackProblem) {
    let (from, to, count) = (problem.original.image(n), problem.adversarial.image(n), problem.pixels)
    let random = problem.random
    switch start {
    case .original: to.update(from: from, count: count)
    case .uniform: problem.threat.begin(n, problem)
    case .normal(let deviation, let clipped):
      random.stream(n).forEachWord(count) { i, word in
        let value = from[i] + deviation * RandomStream.normal(word)
        to[i] = clipped ? min(max(value, 0), 1) : value
      }
    }
  }

  private func addNoise(_ adversarial: UnsafeMutablePointer<Float>, _ count: Int, _ stream: RandomStream) {
    stream.forEachWord(count) { i, word in adversarial[i] += noise * RandomStream.normal(word) }
  }
}
