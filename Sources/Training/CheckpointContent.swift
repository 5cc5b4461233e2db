// A checkpoint: global state only, so that any number of ranks can go on from it.
//
//   model.safetensors       weights and running statistics, under PyTorch's names and in its layouts
//   optimizer.safetensors   momentum, under the names of the parameters
//   ema.safetensors, fawa.safetensors   the averages that accepted something
//   state.json              position, fairness, counts, recipe, data

import Checkpoints
import Datasets
import Failures
import Fairness
import Foundation
import Networks

/// What `state.json` holds.
package struct CheckpointHeader: Codable, Sendable {
  static let currentFormat = 1

  package var format = Self.currentFormat
  package var epoch: Int
  package var stepInEpoch: Int
  package var step: Int
  /// The bits of the Double.
  package var lossSum: UInt64
  package var accepted: [String: Int]
  package var fairness: FairnessState
  package var best: BestEpoch?
  package var recipeName: String
  /// The resolved recipe, YAML.
  package var recipe: String
  package var dataDigest: String
  package var classNames: [String]
  /// The run's returns to earlier steps; nil where there were none.
  package var history: [Rewind]?
  /// How validation images were held out; version 0.1.0 did not say.
  package var holdOut: HoldOutRule?
}

/// Writing and reading of checkpoints.
package enum CheckpointContent {
  // MARK: - Writing

  /// The files of a checkpoint; their contents are read from `state` when they are written.
  static func files(_ state: TrainingState, header: CheckpointHeader) throws -> [CheckpointFile] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    var files = [
      try CheckpointFile("model.safetensors", tensors: entries(state.model), metadata: ["format": "pt"]),
      try CheckpointFile(
        "optimizer.safetensors",
        tensors: state.optimizer.momentum.layout.slots.map { entry($0, state.optimizer.momentum) }
      ),
      CheckpointFile("state.json", try encoder.encode(header)),
    ]
    for (name, average) in state.averages where average.accepted > 0 {
      files.append(
        try CheckpointFile("\(name).safetensors", tensors: entries(average.state), metadata: ["format": "pt"]))
    }
    return files
  }

  /// Tensors in the order of PyTorch's state dict: the statistics of a normalisation follow its shift.
  private static func entries(_ state: ModelState) -> [TensorEntry] {
    state.parameters.layout.slots.flatMap { slot -> [TensorEntry] in
      let own = [entry(slot, state.parameters)]
      guard slot.role == .shift else { return own }
      let prefix = slot.name.dropLast("bias".count)
      let statistics = state.statistics.layout.slots.filter { $0.name.hasPrefix(prefix) }
      return own + statistics.map { entry($0, state.statistics) }
        + [TensorEntry("\(prefix)num_batches_tracked", shape: [], values: [Int64(state.batchesTracked)])]
    }
  }

  private static func entry(_ slot: ParameterSlot, _ buffer: ParameterBuffer) -> TensorEntry {
    TensorEntry(
      slot.name, .float32, shape: slot.shape,
      .fill { memory in buffer.exported(slot).withUnsafeBytes { memory.copyMemory(from: $0) } })
  }

  // MARK: - Reading

  /// What `state.json` of a checkpoint says.
  package static func header(_ checkpoint: Checkpoint) throws -> CheckpointHeader {
    let path = checkpoint.path(of: "state.json")
    do {
      let header = try JSONDecoder().decode(CheckpointHeader.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
      guard header.format == CheckpointHeader.currentFormat else {
        throw Failure(
          .badData, "\(path) has format \(header.format), this program reads \(CheckpointHeader.currentFormat)")
      }
      if let fault = header.fault { throw Failure(.badData, "\(path) is no state of a run: \(fault)") }
      return header
    } catch let failure as Failure {
      throw failure
    } catch {
      throw Failure(.badData, "\(path) is no state of a run: \(error)")
    }
  }

  /// Reads weights and running statistics from `NAME.safetensors`.
  ///
  /// - Throws: `Failure(.configuration)` naming the tensor for a checkpoint of another model.
  package static func read(_ name: String, of checkpoint: Checkpoint, into state: inout ModelState) throws {
    try read(SafetensorsFile(checkpoint.path(of: "\(name).safetensors")), into: &state)
  }

  /// Reads what `model.start-from` names: a safetensors file, a checkpoint, or a run directory.
  static func readStart(_ path: String, into state: inout ModelState) throws {
    if path.hasSuffix(".safetensors") { return try read(SafetensorsFile(path), into: &state) }
    guard let checkpoint = try CheckpointStore.locate(path).checkpoint else {
      throw Failure(.badData, "\(path) holds no whole checkpoint")
    }
    try read("model", of: checkpoint, into: &state)
  }

  private static func read(_ file: SafetensorsFile, into state: inout ModelState) throws {
    try read(file, into: state.parameters)
    try read(file, into: state.statistics)
    let expected = state.parameters.layout.slots.count + state.statistics.layout.slots.count * 3 / 2
    guard file.tensors.count == expected else {
      throw Failure(
        .configuration, "\(file.path) has \(file.tensors.count) tensors, this model \(expected): it is of another model"
      )
    }
    if let tracked = file.tensors.first(where: { $0.name.hasSuffix("num_batches_tracked") }) {
      let count = try file.values(tracked.name, as: Int64.self, shape: [])[0]
      guard (0...1 << 53).contains(count) else {
        throw Failure(.badData, "\(tracked.name) is \(count) in \(file.path)")
      }
      state.batchesTracked = Int(count)
    }
  }

  static func read(_ file: SafetensorsFile, into buffer: ParameterBuffer) throws {
    for slot in buffer.layout.slots {
      guard let tensor = file[slot.name], tensor.shape == slot.shape else {
        let found = file[slot.name].map { "is \($0.shape)" } ?? "is missing"
        throw Failure(
          .configuration,
          "\(slot.name) \(found) in \(file.path), this model has \(slot.shape): it is of another model (model.name, "
            + "model.width, model.classes)")
      }
      buffer.import(try file.values(slot.name, as: Float.self), into: slot)
    }
  }

  /// Takes over a checkpoint's whole state.
  static func restore(_ state: inout TrainingState, from checkpoint: Checkpoint) throws -> CheckpointHeader {
    let header = try header(checkpoint)
    try read("model", of: checkpoint, into: &state.model)
    try read(SafetensorsFile(checkpoint.path(of: "optimizer.safetensors")), into: state.optimizer.momentum)
    func restore(_ name: String, _ average: inout WeightAverage?) throws {
      guard average != nil else { return }
      average!.accepted = header.accepted[name] ?? 0
      if average!.accepted > 0 { try read(name, of: checkpoint, into: &average!.state) }
    }
    try restore("ema", &state.ema)
    try restore("fawa", &state.fawa)
    state.fairness = header.fairness
    (state.epoch, state.stepInEpoch, state.step) = (header.epoch, header.stepInEpoch, header.step)
    state.lossSum = Double(bitPattern: header.lossSum)
    state.best = header.best
    return header
  }
}

extension TrainingState {
  /// The header that describes this state.
  func header(
    recipeName: String, recipe: String, dataDigest: String, classNames: [String], history: [Rewind],
    holdOut: HoldOutRule
  ) -> CheckpointHeader {
    CheckpointHeader(
      epoch: epoch, stepInEpoch: stepInEpoch, step: step, lossSum: lossSum.bitPattern,
      accepted: Dictionary(uniqueKeysWithValues: averages.map { ($0.name, $0.average.accepted) }), fairness: fairness,
      best: best, recipeName: recipeName, recipe: recipe, dataDigest: dataDigest, classNames: classNames,
      history: history.isEmpty ? nil : history, holdOut: holdOut)
  }
}
