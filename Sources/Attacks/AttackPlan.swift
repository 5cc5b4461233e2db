// How weights are judged: one attack, or several one after another, each on the examples that are still robust.

import Tensors

/// The attacks of an evaluation, in their order.
package struct AttackPlan: Sendable {
  /// One of them.
  package struct Stage: Sendable {
    /// Its name in results, such as `apgd-ce`.
    package let name: String
    package let attack: any Attack
    /// Searches with new random numbers each, as long as an example is robust.
    package let restarts: Int

    package init(_ name: String, _ attack: any Attack, restarts: Int = 1) {
      self.name = name
      self.attack = attack
      self.restarts = restarts
    }
  }

  /// The name in tables, such as PGD-10 or AutoAttack.
  package var title: String
  /// The norm of the ball; said by the title where it is not L∞.
  package let norm: Norm
  /// Its radius, pixels in [0, 1].
  package var epsilon: Float
  package var stages: [Stage]
  /// Whether images are attacked that are misclassified as they are. An evaluation by PGD does so, as the papers' programs do: what
  /// counts is the prediction of the attacked image. AutoAttack and its parts do not.
  package var attacksAll: Bool
  /// A line where the attack may be too weak to tell; nil where it is not.
  package var shortness: String?
  /// What the user should know of it for this number of classes.
  package var notes: [String] = []

  package init(
    _ title: String, in norm: Norm = .linf, epsilon: Float, _ stages: [Stage], attacksAll: Bool = false,
    shortness: String? = nil
  ) {
    self.title = norm == .linf ? title : "\(title), \(norm.title)"
    self.norm = norm
    self.epsilon = epsilon
    self.stages = stages
    self.attacksAll = attacksAll
    self.shortness = shortness
  }

  /// The names of those that ask for no gradients.
  package var blackBoxes: Set<String> { Set(stages.filter { $0.attack.passes(classes: 10).gradient == 0 }.map(\.name)) }

  /// What becomes of an example that withstands everything: one pass for the clean image, and one to judge each search.
  package func passes(classes: Int) -> AttackPasses {
    stages.reduce(AttackPasses(forward: 1)) {
      $0 + $1.restarts * ($1.attack.passes(classes: classes) + AttackPasses(forward: 1))
    }
  }
}
