// What `list` shows and recipes may name. The names come from the targets that own them; lines on what they are, where
// a target has none for users, are here.

import Attacks
import Corruptions
import Datasets
import Fairness
import Methods
import Networks
import Recipes

/// All names that the program knows.
enum Registries {
  static let models = Networks.models.parts.map { RegistryEntry($0.name, $0.summary) }

  static let data = DatasetCatalog.sources.map { RegistryEntry($0.name, $0.summary) }

  static let methods = Methods.methods.parts.map { RegistryEntry($0.name, $0.summary) }

  static let attacks = Attacks.attacks.parts.map { RegistryEntry($0.name, $0.summary) }

  static let corruptions = CorruptionCatalog.corruptions.map { RegistryEntry($0.name, $0.summary) }

  static let priors = described(
    TargetPriorRule.names,
    [
      "cfp": "targets in proportion to the class false positive scores",
      "cfp-softmax": "softmax of the scores over fairness.temperature, as the released code has it",
      "uniform": "every wrong class alike",
      "sample": "of each example: the model's softmax on its last adversary, without the label",
    ])

  /// Those that recipes may name.
  static let recipes = Registry(models: models, data: data, methods: methods, attacks: attacks, priors: priors)

  private static func described(_ names: [String], _ summaries: [String: String]) -> [RegistryEntry] {
    names.map { RegistryEntry($0, summaries[$0, default: ""]) }
  }
}
