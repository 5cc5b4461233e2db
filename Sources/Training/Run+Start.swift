// Weights that a training starts from: they keep the normalisation that they were trained with, and the run's own
// checkpoints carry it on.

import Failures
import Networks

extension Run {
  /// Reads what `model.start-from` names; rank 0's.
  ///
  /// - Returns: lines for the user, on what the data is to those weights.
  /// - Throws: `Failure` naming the key.
  func start(_ state: Model, from path: String) throws -> [String] {
    do {
      let stored = try StoredModel.startFrom(path)
      let statement = StoredModel.Statement(
        recipe.normalisation, means: "model.mean and model.std", code: .configuration)
      var model = try stored.read(into: state, statement, data: recipe.data.path)
      // What is normalised otherwise is told at every start, `notes(on:)`.
      model.normalisation = nil
      let comparison = ModelComparison(model: model, data: dataset, statistics: dataset.statistics)
      return (stored.notes + comparison.notes).map { "model.start-from: \($0)" }
    } catch let failure as Failure {
      throw Failure(failure.code, "model.start-from: \(failure.message)")
    }
  }

  /// A line where the model normalises pixels otherwise than this data would have it.
  func notes(on model: Model) -> [String] {
    ModelComparison(
      model: ModelDescription(normalisation: model.normalisation), data: dataset, statistics: dataset.statistics
    ).notes
  }
}
