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
      let replaced = recipe.model.startHead == .new ? network.headLayer : nil
      var model = try stored.read(into: state, statement, except: replaced, data: recipe.data.path)
      // What is normalised otherwise is told at every start, `notes(on:)`.
      model.normalisation = nil
      if replaced != nil { model.classNames = nil }
      let comparison = ModelComparison(model: model, data: dataset, statistics: dataset.statistics)
      let notes =
        stored.notes + comparison.notes + (replaced.map { ["the last layer, \($0), is a new one"] } ?? [])
        + [unfinished(stored.header), seenValidation(stored.header)].compactMap(\.self)
      return notes.map { "model.start-from: \($0)" }
    } catch let failure as Failure {
      let isOfHead = recipe.model.startHead == .kept && failure.message.hasPrefix("\(network.headLayer).")
      let cure = isOfHead ? "; weights for other classes start with model.start-head=new" : ""
      throw Failure(failure.code, "model.start-from: \(failure.message)\(cure)")
    }
  }

  /// A line where the weights are not the last of their run.
  private func unfinished(_ header: CheckpointHeader?) -> String? {
    guard let header, let epochs = (try? header.readRecipe())?.training.epochs, header.epoch < epochs else {
      return nil
    }
    return "these weights are not the last of their run: \(header.epoch) of \(epochs) epochs were over"
  }

  /// A line where the weights were trained on images that this run would judge them by.
  private func seenValidation(_ header: CheckpointHeader?) -> String? {
    guard let header, header.dataDigest == dataset.digest, let earlier = try? header.readRecipe() else { return nil }
    let fraction = earlier.data.validation
    let unseen = Set(dataset.split(validation: fraction.value, rule: header.holdOut ?? split.rule).validation)
    let seen = split.validation.count { !unseen.contains($0) }
    guard seen > 0 else { return nil }
    return "these weights were trained on \(seen) of the \(split.validation.count) validation images, which they know: "
      + "hold out the same (data.validation \(fraction) there, \(recipe.data.validation) here)"
  }

  /// A line where the model normalises pixels otherwise than this data would have it.
  func notes(on model: Model) -> [String] {
    ModelComparison(
      model: ModelDescription(normalisation: model.normalisation), data: dataset, statistics: dataset.statistics
    ).notes
  }
}
