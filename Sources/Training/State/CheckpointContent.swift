// A checkpoint: global state only, so that any number of ranks can go on from it.
//
//   model.safetensors       weights and running statistics, under PyTorch's names and in its layouts; normalisation
//   optimizer.safetensors   what the optimizer remembers: its one buffer (momentum) under the names of the parameters; of
//                           several, each under its own name before those
//   ema.safetensors, fawa.safetensors   the averages that accepted something
//   confusion.safetensors   the priors of the training examples, where each has its own
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
    func model(_ name: String, _ model: Model) throws -> CheckpointFile {
      var description = header.modelDescription
      description.normalisation = model.normalisation
      return try CheckpointFile(
        "\(name).safetensors", tensors: ModelFile.entries(model), metadata: description.metadata)
    }
    var files = [
      try model("model", state.model),
      try CheckpointFile(
        "optimizer.safetensors",
        tensors: buffers(of: state.optimizer).flatMap { prefix, buffer in
          buffer.layout.slots.map { ModelFile.entry($0, buffer, prefix: prefix) }
        }),
      CheckpointFile("state.json", try encoder.encode(header)),
    ]
    for average in state.averages where average.accepted > 0 {
      files.append(try model(average.name, average.state))
    }
    if let confusion = state.confusion {
      let rows = confusion.probabilities
      files.append(
        try CheckpointFile(
          "confusion.safetensors",
          tensors: [
            TensorEntry(
              "confusion", .float32, shape: [rows.shape.n, rows.shape.c],
              .fill { $0.copyMemory(from: UnsafeRawBufferPointer(rows.elements)) })
          ]))
    }
    return files
  }

  /// What an optimizer remembers, and what stands in its file before the names of the parameters.
  private static func buffers(of optimizer: any Optimizer) -> [(prefix: String, buffer: ParameterBuffer)] {
    let buffers = optimizer.buffers
    return buffers.map { (buffers.count == 1 ? "" : "\($0.name).", $0.buffer) }
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
  package static func read(_ name: String, of checkpoint: Checkpoint, into state: Model) throws {
    try ModelFile(checkpoint.path(of: "\(name).safetensors")).read(into: state)
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
    try model.read(into: state.model)
    let optimizer = try StateDict(checkpoint.path(of: "optimizer.safetensors"))
    for (prefix, buffer) in buffers(of: state.optimizer) {
      try ModelFile.read(optimizer, into: buffer, prefix: prefix)
    }
    let normalisation = state.model.normalisation
    for i in state.averages.indices {
      let name = state.averages[i].name
      state.averages[i].accepted = header.accepted[name] ?? 0
      state.averages[i].state.normalisation = normalisation
      guard state.averages[i].accepted > 0 else { continue }
      try read(name, of: checkpoint, into: state.averages[i].state)
      guard state.averages[i].state.normalisation == normalisation else {
        throw damaged("normalises pixels in \(name).safetensors otherwise than in model.safetensors")
      }
    }
    if let confusion = state.confusion {
      let rows = confusion.probabilities
      let values = try SafetensorsFile(checkpoint.path(of: "confusion.safetensors")).values(
        "confusion", as: Float.self, shape: [rows.shape.n, rows.shape.c])
      _ = rows.elements.update(fromContentsOf: values)
      if let fault = confusion.fault { throw damaged("is broken in confusion.safetensors: \(fault)") }
    }
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
      accepted: accepted, fairness: fairness, best: best, recipeName: document.name, recipe: document.yaml(),
      dataName: run.dataset.name, dataDigest: run.dataset.digest, testDigest: run.dataset.testDigest,
      imageSize: [run.dataset.height, run.dataset.width], classNames: run.classNames,
      history: history.isEmpty ? nil : history, holdOut: run.split.rule)
  }
}
