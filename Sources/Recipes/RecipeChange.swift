// What a run may change in its life, on purpose: keys that are read anew in every step or epoch and mean the same for any
// state. Keys that give the state its meaning (network, data, batches, class settings, seed) stay: with other ones the steps
// done would be those of another run.

import Attacks
import Augmentations
import Fairness
import Methods
import Networks

/// A key with another value than before.
package struct RecipeChange: Codable, Equatable, Sendable, CustomStringConvertible {
  /// The whole key, such as `training.learning-rate`.
  package let path: String
  /// The values as YAML.
  package let before: String, after: String

  package var description: String { "\(path) \(before) -> \(after)" }
}

extension Recipe {
  /// Keys that may change between two steps of one run.
  package static let amendable = Set(
    [
      "training.epochs", "training.learning-rate", "training.learning-rate-scaling",
      "training.learning-rate-reference", "training.schedule", "training.warm-up", "training.warm-up-rate",
      "training.minimum-rate", "training.cool-down", "training.milestones", "training.decay", "training.factors",
      "training.peak", "training.momentum", "training.nesterov", "training.weight-decay", "training.clip-norm",
      "training.label-smoothing", "attack.batch-statistics", "attack.drop-path", "attack.precision", "averaging.ema",
      "averaging.fawa",
      "averaging.start", "averaging.decay", "averaging.fawa-threshold", "evaluation.validation-every",
      "evaluation.attack.name", "evaluation.attack.norm", "evaluation.attack.epsilon", "engine.convolution",
      "engine.gemm", "engine.blas-core", "engine.reduction",
    ] + augmentationOptions.map(\.path) + attacks.options.map(\.option.path) + optimizers.options.map(\.option.path))

  /// What changes the result and differs from an earlier recipe, in the order of the table.
  package func changes(from earlier: Recipe) -> [RecipeChange] {
    let paths = Set(differences(from: earlier))
    return Recipe.fields.filter { paths.contains($0.path) }
      .map { RecipeChange(path: $0.path, before: $0.text(earlier), after: $0.text(self)) }
  }

  /// Whether the method's policies judge by validation images.
  private var methodIsValidated: Bool {
    methods[method.name] != nil && trainingMethod.policies.needsValidation(before: 1)
  }

  /// Whether a key with this path changes what comes out of this recipe.
  private func changesResult(_ effect: RecipeField.Effect) -> Bool {
    switch effect {
    case .result: true
    case .resultThroughFAWA: averaging.fawa || methodIsValidated
    case .course: false
    }
  }

  /// The keys that change the result and have another value in `other`, in the order of the table.
  package func differences(from other: Recipe) -> [String] {
    Recipe.fields.filter { changesResult($0.effect) && !$0.isEqual(self, other) }.map(\.path)
  }
}
