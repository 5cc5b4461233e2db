// The searches that attacks which a recipe can name are made of, as the invariants run them.

import Attacks

/// An attack under a name, at a given budget.
struct AttackCase: CustomStringConvertible, Sendable {
  let name: String
  let make: @Sendable (_ steps: Int, _ stepSize: Float, _ randomStart: Bool) -> any Attack
  var description: String { name }

  static let all = [
    AttackCase(name: "pgd") { PGD(steps: $0, stepSize: $1, start: $2 ? .uniform : .original) }
  ]
}
