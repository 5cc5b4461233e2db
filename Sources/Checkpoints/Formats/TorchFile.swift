// Files of PyTorch's `torch.save`, read as data (PickleMachine.swift). Of both formats:
//
//   zip, from 1.6 on (torch/serialization.py, `_save`): entries NAME/data.pkl, the pickle; NAME/data/KEY, the elements of
//     storage KEY; NAME/byteorder. All are stored, so that they can be mapped.
//   older (`_legacy_save`): five pickles in a row: a magic number, the version 1001, sizes of C's types, the object, the
//     list of the keys; then for each key the number of elements (8 bytes) and the elements.
//
// What is read is one dictionary of tensors: the object itself, or what a training keeps it under.

import Failures

/// An open file with a state dict.
package struct TorchFile: TensorFile {
  package var path: String { reader.path }
  package var metadata: [String: String] { [:] }
  package let outlines: [TensorOutline]

  private let reader: FileReader
  private let views: [View]

  /// Where the elements of a tensor are.
  private struct View: Sendable {
    let tensor: PickleTensor
    /// The first byte of its storage.
    let start: Int
  }

  /// Whether a file with these first bytes may be one.
  package static func begins(_ bytes: [UInt8]) -> Bool {
    bytes.starts(with: zipMark) || bytes.count > 1 && bytes[0] == 0x80 && (2...5).contains(bytes[1])
  }

  private static let zipMark: [UInt8] = [0x50, 0x4B, 3, 4]

  /// Opens a file, reads its pickle, and holds it against the file's length and, of zip, check sums.
  ///
  /// - Throws: `Failure(.badData)` for a file that is damaged, compressed, or holds other things than tensors in plain
  ///   containers; `Failure(.inputOutput)` where it cannot be read.
  package init(_ path: String) throws(Failure) {
    reader = try FileReader(path)
    let isArchive = try reader.bytes(upTo: 4) == Self.zipMark
    let content = try isArchive ? TorchArchive.read(reader) : TorchStream.read(reader)
    var outlines: [TensorOutline] = []
    var views: [View] = []
    for (name, tensor) in content.tensors {
      let storage = content.storages[tensor.storage]
      outlines.append(TensorOutline(name: name, type: storage.type, shape: tensor.shape))
      views.append(View(tensor: tensor, start: content.places[tensor.storage] ?? 0))
    }
    self.outlines = outlines
    self.views = views
  }

  package func bytes(at index: Int) throws(Failure) -> [UInt8] {
    let (tensor, start, size) = (views[index].tensor, views[index].start, outlines[index].type.byteCount)
    guard let count = tensor.count, count > 0, let end = tensor.end else { return [] }
    let span = try reader.bytes(in: start + tensor.offset * size..<start + end * size)
    if tensor.isContiguous { return span }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count * size)
    // The indices of an element, and its place in the span.
    var indices = [Int](repeating: 0, count: tensor.shape.count)
    var place = 0
    for _ in 0..<count {
      bytes += span[place * size..<(place + 1) * size]
      for axis in indices.indices.reversed() {
        indices[axis] += 1
        place += tensor.strides[axis]
        if indices[axis] < tensor.shape[axis] { break }
        place -= tensor.strides[axis] * indices[axis]
        indices[axis] = 0
      }
    }
    return bytes
  }
}

/// What a file of either format holds.
struct TorchContent {
  let storages: [PickleStorage]
  /// The state dict's tensors under their names, in its order.
  let tensors: [(name: String, tensor: PickleTensor)]
  /// The first byte of each storage that is there, by its number.
  var places: [Int: Int] = [:]

  /// The keys that trainings keep a state dict under.
  private static let wrappers = [
    "state_dict", "model_state_dict", "model", "net", "network", "weights", "params", "ema",
  ]

  /// Finds the state dict.
  ///
  /// - Throws: `Failure(.badData)` where there is none, or several that might be meant.
  init(_ object: PickleValue, _ machine: PickleMachine, path: String) throws(Failure) {
    storages = machine.storages
    var object = object
    for _ in 0..<4 {
      guard case .mapping(let number) = object else { break }
      // As in Python, the last of two entries with one key holds.
      var entries: [String: PickleValue] = [:]
      var keys: [String] = []
      for case (.text(let key), let value) in machine.mappings[number]
      where entries.updateValue(value, forKey: key) == nil { keys.append(key) }
      let tensors = keys.compactMap { key -> (String, PickleTensor)? in
        if case .tensor(let number) = entries[key] { (key, machine.tensors[number]) } else { nil }
      }
      if !tensors.isEmpty {
        self.tensors = tensors
        return
      }
      let inner = keys.filter { if case .mapping = entries[$0] { true } else { false } }
      guard let key = Self.wrappers.first(where: inner.contains) ?? (inner.count == 1 ? inner[0] : nil) else {
        let names = keys.isEmpty ? "nothing" : keys.prefix(6).joined(separator: ", ")
        throw Failure(.badData, "\(path) has no state dict: looked for a dictionary of tensors, found \(names)")
      }
      object = entries[key] ?? .none
    }
    throw Failure(.badData, "\(path) has no state dict: its object is no dictionary of tensors")
  }

  /// The numbers of the storages that the tensors need, in order.
  var needed: [Int] { Set(tensors.map(\.tensor.storage)).sorted() }
}
