// The file of one model: PyTorch's state dict in its layouts, as safetensors or as `torch.save` has it, and what else the
// model is: in the metadata of safetensors, or among the tensors (StateDict.swift).
//
// Numbers that are none are found here, wherever weights are read: a NaN, an infinity or a negative variance in a file
// would end as "100 % of one class", or as an attack that finds no gradient.

import Checkpoints
import Failures
import Networks

/// An open file with weights and running statistics.
struct ModelFile {
  let weights: StateDict
  /// What it says of the model.
  let description: ModelDescription

  private var path: String { weights.file.path }

  /// - Throws: `Failure(.badData)` for a file that is damaged.
  init(_ path: String) throws {
    weights = try StateDict(path)
    var description = try ModelDescription(weights.file.metadata, path: path)
    if let (mean, deviation) = weights.normalisation {
      guard let normalisation = Normalisation(mean: mean, deviation: deviation) else {
        throw Failure(
          .badData,
          "\(path) normalises pixels by mean \(mean) and deviation \(deviation): they must be numbers, the second above 0"
        )
      }
      guard description.normalisation ?? normalisation == normalisation else {
        throw Failure(.badData, "\(path) normalises pixels otherwise in its tensors than in its metadata")
      }
      description.normalisation = normalisation
    }
    self.description = description
  }

  /// Reads weights and running statistics, and the normalisation where the file states it.
  ///
  /// - Parameter layer: one whose tensors are not read: the state keeps its own, of whatever shape.
  /// - Throws: `Failure(.configuration)` naming the tensor for a file of another model, `Failure(.badData)` for a tensor
  ///   whose numbers are none.
  func read(into state: Model, except layer: String? = nil) throws {
    try Self.read(weights, into: state.parameters, except: layer)
    try Self.read(weights, into: state.statistics)
    // PyTorch has not always counted the batches.
    let slots = state.parameters.layout.slots + state.statistics.layout.slots
    let counters = weights.tensors.filter { $0.name.hasSuffix(Self.counterName) }
    guard weights.tensors.count == slots.count + counters.count else {
      throw Failure(
        .configuration,
        "\(path) has \(weights.tensors.count) tensors, this model \(slots.count) and \(Self.counterName): it is of another "
          + "model")
    }
    if let tracked = counters.first {
      let counts = try weights.integers(tracked.name)
      guard counts.count == 1, (0...1 << 53).contains(counts[0]) else {
        throw Failure(.badData, "\(tracked.name) in \(path) is \(counts.prefix(3)): it counts batches")
      }
      state.batchesTracked = Int(counts[0])
    }
    if let normalisation = description.normalisation { state.normalisation = normalisation }
  }

  /// Reads the tensors of a layout, by name; the file may have others.
  ///
  /// - Parameters:
  ///   - prefix: what stands before the names of the slots.
  ///   - layer: as `read(into:except:)`.
  /// - Throws: as `read(into:except:)`.
  static func read(
    _ weights: StateDict, into buffer: ParameterBuffer, prefix: String = "", except layer: String? = nil
  ) throws {
    let path = weights.file.path
    for slot in buffer.layout.slots where layer.map({ slot.layer != $0 }) ?? true {
      let name = prefix + slot.name
      guard let tensor = weights[name], tensor.shape == slot.shape else {
        let found = weights[name].map { "is \($0.shape)" } ?? "is missing"
        throw Failure(
          .configuration,
          "\(name) \(found) in \(path), this model has \(slot.shape): it is of another model (model.name, "
            + "model.classes, the model's own keys such as model.width)")
      }
      let values = try weights.floats(name)
      try check(values, of: slot, called: name, in: path)
      buffer.import(values, into: slot)
    }
  }

  private static func check(
    _ values: [Float], of slot: ParameterSlot, called name: String, in path: String
  ) throws {
    let isVariance = slot.role == .runningVariance
    func isBroken(_ value: Float) -> Bool { !value.isFinite || isVariance && value < 0 }
    guard let first = values.firstIndex(where: isBroken) else { return }
    let (value, count) = (values[first], values.count(where: isBroken))
    let what = value.isNaN ? "NaN" : value.isInfinite ? "infinite" : "\(value), and a variance is never negative"
    throw Failure(
      .badData,
      "\(name) in \(path) is broken: value \(first) (from 0) is \(what) (\(count) broken value"
        + "\(count == 1 ? "" : "s") of \(values.count)); take another checkpoint")
  }

  private static let counterName = "num_batches_tracked"

  /// The count of batches of the normalisation that a running statistic is of.
  static func counter(beside slot: ParameterSlot) -> String { "\(slot.layer).\(counterName)" }

  // MARK: - Writing

  /// Tensors in the order of PyTorch's state dict: the statistics of a layer follow its parameters.
  static func entries(_ state: Model) -> [TensorEntry] {
    let statistics = Dictionary(grouping: state.statistics.layout.slots, by: \.layer)
    let slots = state.parameters.layout.slots
    return slots.indices.flatMap { i -> [TensorEntry] in
      let own = [entry(slots[i], state.parameters)]
      let isLast = i + 1 == slots.count || slots[i + 1].layer != slots[i].layer
      guard isLast, let moving = statistics[slots[i].layer] else { return own }
      return own + moving.map { entry($0, state.statistics) }
        + [TensorEntry(counter(beside: moving[0]), shape: [], values: [Int64(state.batchesTracked)])]
    }
  }

  /// A tensor in PyTorch's layout.
  ///
  /// - Parameter prefix: what stands before the name of the slot.
  static func entry(_ slot: ParameterSlot, _ buffer: ParameterBuffer, prefix: String = "") -> TensorEntry {
    TensorEntry(
      prefix + slot.name, .float32, shape: slot.shape,
      .fill { memory in buffer.exported(slot).withUnsafeBytes { memory.copyMemory(from: $0) } })
  }
}
