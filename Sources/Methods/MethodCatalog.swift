// Every method a recipe can name. A new one is a file beside this and a line here.

import Attacks
import Classification
import Options

/// What a method must know of the rest of a recipe.
package struct MethodFacts: Sendable {
  /// Of the whole run.
  package var epochs: Int
  /// Of batch norm, while attacks run.
  package var statistics: BatchStatistics
  /// Radius and step of the attack, in units of [0, 1] pixels.
  package var epsilon: Double, stepSize: Double

  package init(
    epochs: Int, statistics: BatchStatistics, epsilon: Double = 8.0 / 255, stepSize: Double = 2.0 / 255
  ) {
    self.epochs = epochs
    self.statistics = statistics
    self.epsilon = epsilon
    self.stepSize = stepSize
  }
}

package let methods = Catalog<MethodFacts, TrainingMethod>(
  "method",
  [
    .clean, .fgsm, .adversarialTraining, .fairTAT,
    .trades, .fairTATTRADES, .originalTRADES,
    .friendly, .fairTATFriendly, .originalFriendly, .friendlyTRADES,
    .balance, .reweighted, .remargined, .noRegret, .difficultyAware,
  ])

typealias MethodPart = Part<MethodFacts, TrainingMethod>

/// Options that several methods have.
enum MethodOption {
  /// β.
  static let beta = PartOption(
    "method.beta", .real(0...1e6), "6", "beta, the weight of the divergence between clean and attacked predictions")
  static let frozen = PartOption(
    "attack.frozen", FieldCodec<StoppedExamples>.choice, .stay,
    "examples that are done early: stay in the passes, or leave them, which saves time")
  static let start = PartOption(
    "attack.start", FieldCodec<AttackStart>.choice, .normal,
    "where PGD begins: normal (0.001 N(0, 1) off the image), uniform (in the ball)")
}

/// Where the search of a method may begin.
enum AttackStart: String, CaseIterable, Sendable {
  /// x + 0.001·N(0, 1).
  case normal
  /// Anywhere in the ball.
  case uniform
}
