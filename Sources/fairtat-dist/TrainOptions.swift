// What `train` was asked for, free of the command line's types.

import Recipes
import Training

/// The task of one training run, the same on every rank.
struct TrainOptions: Sendable {
  /// With all overrides in, checked against the registries; a recognised data set is put in once the ranks agree on it.
  var recipe: RecipeDocument
  /// `--run`, or `runs/RECIPE-seedN`.
  let runDirectory: String
  let resume: ResumeRule
  /// What the run may take, from its start; rank 0's counts.
  let maxWall: WallTime?
  let isQuiet: Bool
  /// Lines of JSON on stdout instead of text.
  let printsJSON: Bool

  /// What must be equal on all ranks beside the recipe.
  var circumstances: String { "--run \(runDirectory) --resume \(resume)" }
}
