// What `evaluate` was asked for, free of the command line's types.

import Networks
import Options
import Recipes
import Training

/// The task of one evaluation, the same on every rank. What is nil comes from the checkpoint's recipe.
struct EvaluateOptions: Sendable {
  /// A checkpoint, or a run directory, of which the newest is meant.
  let checkpoint: String
  let weights: WeightKind
  let dataDirectory: String?
  /// What pixels were normalised with in the training, for weights that do not say.
  let normalisation: Normalisation?
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
  let expectedRanks: Int?
  let isQuiet: Bool

  /// What the user says of the model's normalisation.
  var statement: StoredModel.Statement {
    StoredModel.Statement(normalisation, means: "--mean R,G,B and --std R,G,B", code: .usage)
  }
}
