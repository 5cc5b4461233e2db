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
      attack.choice.values(in: attacks), AttackFacts(attack.norm, epsilon: attack.epsilon.float, classes: classes))
  }
}

extension Recipe.Evaluation.Attack {
  /// A key whose value its norm does not allow; nil when all is well.
  ///
  /// What a pixel can change by at most is 1, which distances in L2 may be far above.
  var contradiction: (path: String, message: String)? {
    guard norm == .linf else { return nil }
    let stepSize = choice.text("evaluation.attack.step-size", in: attacks).flatMap { Real($0) }
    for case (let key, let value?) in [("epsilon", epsilon), ("step-size", stepSize)] where value.value > 1 {
      return (
        "evaluation.attack.\(key)",
        "\(value) is no change of a pixel: within linf it is a number or fraction in 0...1, such as 8/255 (or set "
          + "evaluation.attack.norm to l2)"
      )
    }
    return nil
  }

  /// Tells the attack something; `key` is one of its own, without the sections, and the value allowed.
  package mutating func set(_ key: String, _ value: String) {
    choice.give(value, to: "evaluation.attack.\(key)", in: attacks)
  }
}
