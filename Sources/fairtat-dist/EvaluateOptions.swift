// What `evaluate` was asked for, free of the command line's types.

import Attacks
import Failures
import Networks
import Options
import Recipes
import Training

/// The task of one evaluation, the same on every rank. What is nil comes from the checkpoint's recipe.
struct EvaluateOptions: Sendable {
  /// A checkpoint, a run directory, of which the newest is meant, or a file with weights.
  let checkpoint: String
  let weights: WeightKind
  let dataDirectory: String?
  /// What pixels were normalised with in the training, for weights that do not say.
  let normalisation: Normalisation?
  /// An attack by name, and what it is told.
  let attack: String?
  let norm: Norm?
  let epsilon: Real?
  let stepSize: Real?
  let steps: Int?
  let restarts: Int?
  /// The first so many test images.
  let limit: Int?
  /// Images a block.
  let batch: Int?
  /// Threads a rank; nil takes the cores that the rank is bound to.
  let threads: Int?
  /// The file for the results.
  let jsonFile: String?
  /// Adversaries to judge, in place of an attack.
  let adversaries: String?
  /// The file for the adversaries that are found.
  let adversariesFile: String?
  /// The file for what became of each image.
  let outcomesFile: String?
  let expectedRanks: Int?
  let isQuiet: Bool
  /// A folder of corrupted images, in place of data and attack.
  let corruptions: String?

  /// What was given of the attack: keys without their section, values, and the options they came from.
  var attackSettings: [(key: String, value: String, option: String)] {
    get throws {
      var settings: [(key: String, value: String, option: String)] = []
      if let attack {
        let parts = attack.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        settings.append(("name", String(parts[0]), "--attack"))
        for assignment in parts.dropFirst().flatMap({ $0.split(separator: ",", omittingEmptySubsequences: false) }) {
          let sides = assignment.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
          guard sides.count == 2, !sides[0].isEmpty, !sides[1].isEmpty, sides[0] != "name" else {
            throw Failure(
              .usage, "--attack \(attack): write NAME or NAME:KEY=VALUE,..., such as apgd-ce:iterations=50,restarts=5")
          }
          settings.append((String(sides[0]), String(sides[1]), "--attack"))
        }
      }
      if let norm { settings.append(("norm", norm.rawValue, "--norm")) }
      if let epsilon { settings.append(("epsilon", epsilon.description, "--epsilon")) }
      if let stepSize { settings.append(("step-size", stepSize.description, "--step-size")) }
      if let steps { settings.append(("steps", "\(steps)", "--steps")) }
      if let restarts { settings.append(("restarts", "\(restarts)", "--restarts")) }
      return settings
    }
  }

  /// What the user says of the model's normalisation.
  var statement: StoredModel.Statement { NormalisationOptions.statement(normalisation) }
}
