// What an attack is given: a block of examples, what is wanted of each, and where it may look.

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
  /// Which of several searches for the same examples this is.
  package var restart: Int

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

/// Examples side by side, some of which are searched for.
package struct AttackProblem {
  /// The images as they are, (N, H, W, 3), pixels in [0, 1].
  package let original: Tensor
  /// Where candidates go; of the same shape.
  package let adversarial: Tensor
  /// What is wanted of each example.
  package private(set) var goals: [Goal]
  /// Where candidates may lie.
  package let threat: ThreatModel
  package private(set) var random: AttackRandomness
  private let known: [Int]?
  private var chosen: [Int]?

  package init(
    _ original: Tensor, into adversarial: Tensor, goals: [Goal], within threat: ThreatModel, random: AttackRandomness,
    predictions: [Int]? = nil
  ) {
    let count = original.shape.n
    precondition(adversarial.shape == original.shape, "candidates of \(adversarial.shape) around \(original.shape)")
    precondition(goals.count == count && threat.epsilon.count == count && random.examples.count == count)
    precondition(predictions?.count ?? count == count)
    self.original = original
    self.adversarial = adversarial
    self.goals = goals
    self.threat = threat
    self.random = random
    known = predictions
  }

  // A training step makes problems, and allocates nothing: whatever is as a rule the same is not stored.

  /// What is predicted of the original of example `n`, where that is known; else its label.
  func prediction(_ n: Int) -> Int { known?[n] ?? goals[n].label }

  /// How many examples are searched for; an attack writes no others.
  package var activeCount: Int { chosen?.count ?? original.shape.n }
  /// Which example the one at a place among them is; ascending.
  package func active(_ place: Int) -> Int { chosen?[place] ?? place }
  /// All of them.
  package var active: [Int] { chosen ?? Array(0..<original.shape.n) }

  /// The same for some of the examples; the memory stays where it is.
  package func selecting(_ active: [Int]) -> AttackProblem {
    var problem = self
    problem.chosen = active
    return problem
  }

  /// The same with other goals, or other random numbers.
  func aiming(_ goals: [Goal]? = nil, restart: Int? = nil) -> AttackProblem {
    var problem = self
    if let goals { problem.goals = goals }
    if let restart { problem.random.restart = restart }
    return problem
  }

  /// Elements of an image.
  var pixels: Int { original.shape.imageCount }

  /// Whether the candidate of example `n` is its original.
  func isUntouched(_ n: Int) -> Bool {
    let (a, x) = (adversarial.image(n), original.image(n))
    return (0..<pixels).allSatisfy { a[$0] == x[$0] }
  }

  /// Gives example `n` its original back.
  func restore(_ n: Int) { adversarial.image(n).update(from: original.image(n), count: pixels) }
}
