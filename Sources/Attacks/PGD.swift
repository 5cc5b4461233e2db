// Projected gradient descent in the L∞ ball:
//
//   x_0 = clip(x + ε·u),  u ~ U(−1, 1);    x_{s+1} = Π( x_s ± α·sign ∇ CE(f(x_s), label) )
//
// upwards on the true label's cross-entropy, or downwards on a target's. Madry et al., ICLR 2018 (arXiv:1706.06083);
// targeted and with a radius per class as in FAIR-TAT (Targeted_attack.py).

import Classification
import Kernels
import Tensors

/// PGD with a random start and a fixed step.
package struct PGD: Attack {
  package var steps: Int
  /// α in pixel units of [0, 1].
  package var stepSize: Float
  package var randomStart = true

  package init(steps: Int, stepSize: Float, randomStart: Bool = true) {
    self.steps = steps
    self.stepSize = stepSize
    self.randomStart = randomStart
  }

  package func perturb(
    _ x: Tensor, into adversarial: Tensor, goals: [Goal], within threat: ThreatModel,
    of model: some DifferentiableClassifier, random: AttackRandomness, _ workspace: AttackWorkspace
  ) throws {
    let pixels = x.shape.imageCount
    workspace.pool.forEach(x.shape.n) { n, _ in
      start(x.image(n), adversarial.image(n), pixels, epsilon: threat.epsilon[n], random.stream(n))
    }
    let dLogits = workspace.dLogits(x.shape.n)
    for step in 0..<steps {
      workspace.stepBegins(step)
      CrossEntropy.evaluate(
        try model.logits(of: adversarial), count: goals.count, label: { goals[$0].label }, gradient: dLogits)
      for n in goals.indices {
        // Down on the target's loss is up on its negative.
        if case .reach = goals[n] { for k in 0..<dLogits.shape.c { dLogits.image(n)[k].negate() } }
      }
      let gradient = try model.imageGradient(of: dLogits)
      workspace.pool.forEach(x.shape.n) { n, _ in
        Elementwise.signStep(
          adversarial.image(n), original: x.image(n), gradient: gradient.image(n), step: stepSize,
          epsilon: threat.epsilon[n], count: pixels)
      }
    }
  }

  private func start(
    _ x: UnsafePointer<Float>, _ out: UnsafeMutablePointer<Float>, _ count: Int, epsilon: Float, _ stream: RandomStream
  ) {
    guard randomStart else { return out.update(from: x, count: count) }
    for block in 0..<(count + 3) / 4 {
      let words = stream.words(block: block)
      for i in 0..<min(4, count - 4 * block) {
        let at = 4 * block + i
        out[at] = min(max(x[at] + (2 * RandomStream.uniform(words[i]) - 1) * epsilon, 0), 1)
      }
    }
  }
}
