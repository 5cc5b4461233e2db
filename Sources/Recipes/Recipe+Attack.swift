// The attack of evaluations, made of its name, its options and what it must know of the rest.

import Attacks
import Options

extension Recipe {
  /// The attack of every evaluation; its name was checked when the recipe was read.
  ///
  /// - Parameter classes: K.
  package func evaluationPlan(classes: Int) -> AttackPlan {
    let attack = evaluation.attack
    guard let part = attacks[attack.choice.name] else {
      preconditionFailure("no attack is called \(attack.choice.name)")
    }
    return part.make(
      attack.choice.values(in: attacks), AttackFacts(epsilon: attack.epsilon.float, classes: classes))
  }
}

extension Recipe.Evaluation.Attack {
  /// Tells the attack something; `key` is one of its own, without the sections, and the value allowed.
  package mutating func set(_ key: String, _ value: String) {
    choice.give(value, to: "evaluation.attack.\(key)", in: attacks)
  }
}
