// A checkpoint: global state only, so that any number of ranks can go on from it.
//
//   model.safetensors       weights and running statistics, under PyTorch's names and in its layouts; normalisation
//   optimizer.safetensors   momentum, under the names of the parameters
//   ema.safetensors, fawa.safetensors   the averages that accepted something
//   state.json              position, fairness, counts, recipe, data, classes

import Checkpoints
import Failures
import Foundation
import Networks
import Recipes

/// Writing and reading of checkpoints.
package enum CheckpointContent {
  // MARK: - Writing

  /// The files of a checkpoint; their contents are read from `state` when they are written.
  static func files(_ state: TrainingState, header: CheckpointHeader) throws -> [CheckpointFile] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    func model(_ name: String, _ model: ModelState) throws -> CheckpointFile {
      var description = header.modelDescription
      description.normalisation = model.normalisation
      return try CheckpointFile(
        "\(name).safetensors", tensors: ModelFile.entries(model), metadata: description.metadata)
    }
    var files = [
      try model("model", state.model),
      try CheckpointFile(
        "optimizer.safetensors",
        tensors: state.optimizer.momentum.layout.slots.map { ModelFile.entry($0, state.optimizer.momentum) }
      ),
      CheckpointFile("state.json", try encoder.encode(header)),
    ]
    for (name, average) in state.averages where average.accepted > 0 {
      files.append(try model(name, average.state))
    }
    return files
  }

  // MARK: - Reading

  /// What `state.json` of a checkpoint says.
  package static func header(_ checkpoint: Checkpoint) throws -> CheckpointHeader {
    try CheckpointHeader(path: checkpoint.path(of: "state.json"))
  }

  /// Reads weights, running statistics and, where it is stated, normalisation from `NAME.safetensors`.
  ///
  /// - Throws: `Failure(.configuration)` naming the tensor for a checkpoint of another model, `Failure(.badData)` for
  ///   numbers that are none.
  package static func read(_ name: String, of checkpoint: Checkpoint, into state: inout ModelState) throws {
    try ModelFile(checkpoint.path(of: "\(name).safetensors")).read(into: &state)
  }

  /// Takes over a checkpoint's whole state.
  ///
  /// Checkpoints of format 1 do not state the model's normalisation; it stays what `state` has.
  ///
  /// - Throws: as `read`; `Failure(.badData)` for parts that do not belong together.
  static func restore(_ state: inout TrainingState, from checkpoint: Checkpoint) throws -> CheckpointHeader {
    let header = try header(checkpoint)
    func damaged(_ what: String) -> Failure {
      Failure(.badData, "checkpoint \(checkpoint.directory) \(what): take another one")
    }
    let model = try ModelFile(checkpoint.path(of: "model.safetensors"))
    guard header.format == 1 || model.description.normalisation != nil else {
      throw damaged("does not say how its model normalises pixels (model.safetensors)")
    }
    try model.read(into: &state.model)
    try ModelFile.read(
      SafetensorsFile(checkpoint.path(of: "optimizer.safetensors")), into: state.optimizer.momentum)
    let normalisation = state.model.normalisation
    func restore(_ name: String, _ average: inout WeightAverage?) throws {
      guard average != nil else { return }
      average!.accepted = header.accepted[name] ?? 0
      average!.state.normalisation = normalisation
      guard average!.accepted > 0 else { return }
      try read(name, of: checkpoint, into: &average!.state)
      guard average!.state.normalisation == normalisation else {
        throw damaged("normalises pixels in \(name).safetensors otherwise than in model.safetensors")
      }
    }
    try restore("ema", &state.ema)
    try restore("fawa", &state.fawa)
    guard header.fairness.hasClasses(of: state.fairness) else {
      throw damaged("has another number of classes in state.json than in model.safetensors")
    }
    state.fairness = header.fairness
    (state.epoch, state.stepInEpoch, state.step) = (header.epoch, header.stepInEpoch, header.step)
    state.lossSum = Double(bitPattern: header.lossSum)
    state.best = header.best
    return header
  }
}

extension TrainingState {
  /// The header that describes this state of a run.
  func header(_ document: RecipeDocument, _ run: Run, history: [Rewind]) -> CheckpointHeader {
    CheckpointHeader(
      epoch: epoch, stepInEpoch: stepInEpoch, step: step, lossSum: lossSum.bitPattern,
      accepted: Dictionary(uniqueKeysWithValues: averages.map { ($0.name, $0.average.accepted) }), fairness: fairness,
      best: best, recipeName: document.name, recipe: document.yaml(), dataName: run.dataset.name,
      dataDigest: run.dataset.digest, testDigest: run.dataset.testDigest,
      imageSize: [run.dataset.height, run.dataset.width], classNames: run.classNames,
      history: history.isEmpty ? nil : history, holdOut: run.split.rule)
  }
}
