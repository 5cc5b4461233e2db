// What `evaluate` was asked for, free of the command line's types.

import Recipes

/// The task of one evaluation, the same on every rank. What is nil comes from the checkpoint's recipe.
struct EvaluateOptions: Sendable {
  /// A checkpoint, or a run directory, of which the newest is meant.
  let checkpoint: String
  let weights: WeightKind
  let dataDirectory: String?
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
}
