// What an attack is.

import Classification
import Parallelism
import Tensors

/// Where the random numbers of an attack come from: one stream per example and restart, whoever else is in the batch.
package struct AttackRandomness: Sendable {
  package let seed: UInt64
  package let purpose: RandomPurpose
  /// The training epoch; 0 in evaluations, so that they repeat.
  package let epoch: Int
  /// The position of each example in its data set.
  package let examples: [Int]
  package let restart: Int

  package init(seed: UInt64, purpose: RandomPurpose, epoch: Int = 0, examples: [Int], restart: Int = 0) {
    self.seed = seed
    self.purpose = purpose
    self.epoch = epoch
    self.examples = examples
    self.restart = restart
  }

  /// The stream of example `n` of the batch at a step of the attack.
  package func stream(_ n: Int, step: Int = 0) -> RandomStream {
    RandomStream(seed: seed, purpose: purpose, epoch: epoch, example: examples[n], step: step, variant: restart)
  }
}

/// A search for adversarial examples.
package protocol Attack: Sendable {
  /// Overwrites `adversarial` with candidates around x, (N, H, W, 3); whoever calls projects and judges them.
  func perturb(
    _ x: Tensor, into adversarial: Tensor, goals: [Goal], within threat: ThreatModel,
    of model: some DifferentiableClassifier, random: AttackRandomness, _ workspace: AttackWorkspace
  ) throws
}

extension Attack {
  /// Runs the attack and projects what it found. Not a requirement, so no attack can leave the threat model.
  package func callAsFunction(
    _ x: Tensor, into adversarial: Tensor, goals: [Goal], within threat: ThreatModel,
    of model: some DifferentiableClassifier, random: AttackRandomness, _ workspace: AttackWorkspace
  ) throws {
    precondition(goals.count == x.shape.n && threat.epsilon.count == x.shape.n && random.examples.count == x.shape.n)
    precondition(adversarial.shape == x.shape, "candidates of \(adversarial.shape) around images of \(x.shape)")
    try perturb(x, into: adversarial, goals: goals, within: threat, of: model, random: random, workspace)
    threat.project(adversarial, around: x)
  }
}

/// Threads and memory that attacks of one batch size share.
package final class AttackWorkspace {
  package let pool: ThreadPool
  /// Called before each step of an attack with its number from 0.
  package var stepBegins: (Int) -> Void = { _ in }
  /// Whether what is true here is true on all ranks; a call of all of them.
  package var allAgree: (Bool) throws -> Bool = { $0 }
  /// Which examples are still searched for.
  let search = Search()
  /// p(x) of the originals, (N, K).
  let reference: Tensor
  private let dLogits: Tensor

  package init(examples: Int, classes: Int, pool: ThreadPool) {
    self.pool = pool
    dLogits = Tensor(Shape(n: examples, c: classes))
    reference = Tensor(Shape(n: examples, c: classes))
  }

  /// Remembers the probabilities of the originals' logits.
  func remember(_ logits: Tensor) {
    for n in 0..<logits.shape.n { Softmax.write(logits.image(n), classes: logits.shape.c, into: reference.image(n)) }
  }

  /// dL/dlogits of n examples.
  func dLogits(_ n: Int) -> Tensor { dLogits.prefix(n) }
}

/// The attacks a recipe or the command line can name.
package let attackNames = ["pgd"]
