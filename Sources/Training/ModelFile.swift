// The safetensors file of one model: PyTorch's state dict in its layouts, and in the metadata what else the model is.
//
// Numbers that are none are found here, wherever weights are read: a NaN, an infinity or a negative variance in a file
// would end as "100 % of one class", or as an attack that finds no gradient.

import Checkpoints
import Failures
import Networks

/// An open file with weights and running statistics.
struct ModelFile {
  private let file: SafetensorsFile
  /// What it says of the model.
  let description: ModelDescription

  /// - Throws: `Failure(.badData)` for a file that is damaged.
  init(_ path: String) throws {
    file = try SafetensorsFile(path)
    description = try ModelDescription(file.metadata, path: path)
  }

  /// Reads weights and running statistics, and the normalisation where the file states it.
  ///
  /// - Throws: `Failure(.configuration)` naming the tensor for a file of another model, `Failure(.badData)` for a tensor
  ///   whose numbers are none.
  func read(into state: Model) throws {
    try Self.read(file, into: state.parameters)
    try Self.read(file, into: state.statistics)
    let expected = state.parameters.layout.slots.count + state.statistics.layout.slots.count * 3 / 2
    guard file.tensors.count == expected else {
      throw Failure(
        .configuration, "\(file.path) has \(file.tensors.count) tensors, this model \(expected): it is of another model"
      )
    }
    if let tracked = file.tensors.first(where: { $0.name.hasSuffix("num_batches_tracked") }) {
      let count = try file.values(tracked.name, as: Int64.self, shape: [])[0]
      guard (0...1 << 53).contains(count) else {
        throw Failure(.badData, "\(tracked.name) in \(file.path) is \(count): it counts batches")
      }
      state.batchesTracked = Int(count)
    }
    if let normalisation = description.normalisation { state.normalisation = normalisation }
  }

  /// Reads the tensors of a layout, by name; the file may have others.
  ///
  /// - Parameter prefix: what stands before the names of the slots.
  /// - Throws: as `read(into:)`.
  static func read(_ file: SafetensorsFile, into buffer: ParameterBuffer, prefix: String = "") throws {
    for slot in buffer.layout.slots {
      let name = prefix + slot.name
      guard let tensor = file[name], tensor.shape == slot.shape else {
        let found = file[name].map { "is \($0.shape)" } ?? "is missing"
        throw Failure(
          .configuration,
          "\(name) \(found) in \(file.path), this model has \(slot.shape): it is of another model (model.name, "
            + "model.width, model.classes)")
      }
      let values = try file.values(name, as: Float.self)
      try check(values, of: slot, called: name, in: file.path)
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

  // MARK: - Writing

  /// Tensors in the order of PyTorch's state dict: the statistics of a normalisation follow its shift.
  static func entries(_ state: Model) -> [TensorEntry] {
    state.parameters.layout.slots.flatMap { slot -> [TensorEntry] in
      let own = [entry(slot, state.parameters)]
      guard slot.role == .shift else { return own }
      let prefix = slot.name.dropLast("bias".count)
      let statistics = state.statistics.layout.slots.filter { $0.name.hasPrefix(prefix) }
      return own + statistics.map { entry($0, state.statistics) }
        + [TensorEntry("\(prefix)num_batches_tracked", shape: [], values: [Int64(state.batchesTracked)])]
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
