// Every attack a recipe can name, as the invariants run it.

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
