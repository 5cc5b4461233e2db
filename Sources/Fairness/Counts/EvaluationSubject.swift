// Whose weights an evaluation judged, and on what, so that its file stands alone in a table.

/// A model and the images that it was judged on; what a file of weights does not tell is nil.
package struct EvaluationSubject: Codable, Equatable, Sendable {
  /// Which of a run's checkpoints it was.
  package enum Moment: String, Codable, Sendable {
    /// After the last epoch of the recipe.
    case last
    /// That with the best validation of its run, where it is not the last.
    case best
    case other
  }

  /// The recipe's name, and the seed of its training.
  package var recipe: String?, seed: String?
  /// Keys that decide the weights and are not as the recipe of that name has them; nil where no recipe is known by it.
  package var changed: [String]?
  /// All keys that decide them, such as `training.epochs 200`, where that recipe is a row of the paper's tables.
  package var definition: [String]?
  package var moment: Moment?
  /// Steps of training.
  package var step: Int?
  /// `raw`, `ema` or `fawa`.
  package var weights: String
  /// The epochs that the average took in; with none it is the raw weights.
  package var accepted: Int?
  /// One a class; none where nothing names them.
  package var classNames: [String] = []
  /// The data by name, and SHA-256 of the images that were judged.
  package var data: String, digest: String
  /// What multiplied: version and instruction set.
  package var program: String

  private enum CodingKeys: String, CodingKey {
    case recipe, seed, changed, definition, step, weights, accepted, data, digest, program
    case moment = "checkpoint"
    case classNames = "class_names"
  }

  package init(weights: String, data: String, digest: String, program: String) {
    self.weights = weights
    self.data = data
    self.digest = digest
    self.program = program
  }
}
