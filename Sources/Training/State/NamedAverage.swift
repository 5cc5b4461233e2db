// An average of weights over epochs, as one value: its name, when it takes in weights, the weights, and how often it did.
//
// Checkpoints, digests, copies, broadcasts and the end of an epoch loop over the averages of a state, in its order. Which
// there are the recipe says (`Recipe.averagePolicies`).

import Fairness
import Networks

/// An average of weights over epochs.
package struct NamedAverage: Sendable {
  /// In logs, and of its file in a checkpoint.
  package let name: String
  /// When it takes in weights.
  let policy: AveragePolicy
  package var state: Model
  /// How often it took some in. 0: nothing was accepted yet, and the average is the current model.
  package var accepted = 0

  init(_ name: String, _ policy: AveragePolicy, state: Model) {
    self.name = name
    self.policy = policy
    self.state = state
  }

  /// The same average, of nothing yet, in memory of its own.
  func withOwnMemory() -> NamedAverage { NamedAverage(name, policy, state: state.withOwnMemory()) }

  /// Takes over the values of the same average elsewhere; where it accepted nothing it has none.
  mutating func copy(from other: NamedAverage) {
    precondition(name == other.name, "another average")
    accepted = other.accepted
    if accepted > 0 { state.copy(from: other.state) }
  }

  /// Does what the policy decided.
  mutating func apply(_ step: AverageStep, _ current: Model, decay: Float) {
    switch step {
    case .skip: return
    case .copy: state.copy(from: current)
    case .blend: state.average(towards: current, decay: decay)
    }
    accepted += 1
  }
}
