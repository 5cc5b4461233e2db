// Writes a state dict as `torch.save` does, in the zip format: an OrderedDict of tensors, each over a storage of its own,
// that `torch.load(..., weights_only=True)` opens. Entries are stored, and their contents begin at multiples of 64 bytes, by
// an extra field as long as that takes (torch/csrc, caffe2/serialize/inline_container.cc).

import Failures

extension TorchFile {
  /// The first folder of every name in the archive.
  private static let folder = "archive"
  private static let alignment = 64

  /// Streams tensors to a file, in their order. The same entries give the same bytes.
  ///
  /// - Throws: `Failure(.inputOutput)`; `Failure(.internal)` for entries that contradict themselves, `Failure(.cannotCreate)`
  ///   for 4 GiB and more; what closures throw.
  package static func write(_ entries: [TensorEntry], to writer: FileWriter) throws {
    let header = try SafetensorsHeader(entries, metadata: [:])
    guard header.dataCount < 0xF000_0000, entries.count < 60_000 else {
      throw Failure(.cannotCreate, "\(writer.path) would have 4 GiB or more: export it as .safetensors")
    }
    var archive = ZipWriter(writer, alignment: alignment)
    try archive.add("\(folder)/data.pkl", Pickle.stateDict(entries))
    try archive.add("\(folder)/byteorder", Array("little".utf8))
    for (number, entry) in entries.enumerated() {
      let size = entry.type.byteCount(of: entry.shape) ?? 0
      switch entry.source {
      case .bytes(let bytes):
        guard bytes.count == size else {
          throw Failure(.internal, "tensor \(entry.name) has \(bytes.count) bytes for shape \(entry.shape)")
        }
        try archive.add("\(folder)/data/\(number)", bytes)
      case .fill(let fill):
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 64)
        defer { memory.deallocate() }
        try fill(memory)
        try archive.add("\(folder)/data/\(number)", UnsafeRawBufferPointer(memory))
      }
    }
    try archive.add("\(folder)/version", Array("3\n".utf8))
    try archive.finish()
  }

  /// Writes a file under its final name at once, durable and whole or not at all.
  package static func write(_ entries: [TensorEntry], to path: String) throws {
    try AtomicFile.write(to: path) { try write(entries, to: $0) }
  }
}

/// The pickle of a state dict, protocol 2.
private enum Pickle {
  static func stateDict(_ entries: [TensorEntry]) throws(Failure) -> [UInt8] {
    var bytes: [UInt8] = [0x80, 2] + emptyDictionary + Array("(".utf8)
    for (number, entry) in entries.enumerated() {
      guard let storage = storageName(entry.type) else {
        throw Failure(.internal, "tensor \(entry.name) is \(entry.type.rawValue)")
      }
      let count = entry.shape.reduce(1, *)
      bytes += text(entry.name) + global("torch._utils", "_rebuild_tensor_v2") + Array("((".utf8)
      bytes += text("storage") + global("torch", storage) + text("\(number)") + text("cpu") + integer(count)
      // Offset, shape, strides, whether a gradient is wanted, hooks.
      bytes += Array("tQ".utf8) + integer(0) + tuple(entry.shape) + tuple(strides(of: entry.shape)) + [0x89]
      bytes += emptyDictionary + Array("tR".utf8)
    }
    return bytes + Array("u.".utf8)
  }

  private static let emptyDictionary = global("collections", "OrderedDict") + Array(")R".utf8)

  private static func storageName(_ type: ElementType) -> String? {
    switch type {
    case .float32: "FloatStorage"
    case .float64: "DoubleStorage"
    case .int64: "LongStorage"
    case .uint8: "ByteStorage"
    default: nil
    }
  }

  private static func strides(of shape: [Int]) -> [Int] {
    var strides = shape
    var stride = 1
    for axis in shape.indices.reversed() {
      strides[axis] = stride
      stride *= max(1, shape[axis])
    }
    return strides
  }

  private static func text(_ text: String) -> [UInt8] {
    [0x58] + littleEndian(UInt32(text.utf8.count)) + Array(text.utf8)
  }

  private static func global(_ module: String, _ name: String) -> [UInt8] { Array("c\(module)\n\(name)\n".utf8) }

  private static func tuple(_ values: [Int]) -> [UInt8] { Array("(".utf8) + values.flatMap(integer) + Array("t".utf8) }

  /// 0 or more.
  private static func integer(_ value: Int) -> [UInt8] {
    if value < 1 << 8 { return [0x4B, UInt8(value)] }
    if value < 1 << 16 { return [0x4D] + littleEndian(UInt16(value)) }
    if value < 1 << 31 { return [0x4A] + littleEndian(UInt32(value)) }
    return [0x8A, 8] + littleEndian(UInt64(value))
  }
}

/// The bytes of a number.
func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value.littleEndian, Array.init) }
