// What all files of tensors have in common, whoever wrote them: names, types, shapes, and numbers that are read when they
// are asked for.

import Failures

/// The name, type and shape of a tensor in a file.
package struct TensorOutline: Equatable, Sendable {
  package let name: String
  package let type: ElementType
  /// The extents; empty for a scalar.
  package let shape: [Int]

  package init(name: String, type: ElementType, shape: [Int]) {
    self.name = name
    self.type = type
    self.shape = shape
  }
}

/// An open file of named tensors. What it says of them was held against its length: no tensor has more elements than the
/// file has room for.
package protocol TensorFile: Sendable {
  /// Where the file is.
  var path: String { get }
  /// Free text of the writer.
  var metadata: [String: String] { get }
  /// All tensors, in the file's order; each name once.
  var outlines: [TensorOutline] { get }
  /// The elements of a tensor, row-major and little-endian.
  ///
  /// - Parameter index: its place in `outlines`.
  /// - Throws: `Failure(.badData)` where they cannot be had, `Failure(.inputOutput)` where the file cannot be read.
  func bytes(at index: Int) throws(Failure) -> [UInt8]
}

extension TensorFile {
  /// The numbers of a tensor as Floats; those of 64 bits are rounded.
  ///
  /// - Throws: as `bytes`; `Failure(.badData)` for whole numbers.
  package func floats(at index: Int) throws(Failure) -> [Float] {
    let bytes = try bytes(at: index)
    switch outlines[index].type {
    case .float32: return bytes.words(UInt32.self).map { Float(bitPattern: $0) }
    case .float64: return bytes.words(UInt64.self).map { Float(Double(bitPattern: $0)) }
    case .bfloat16: return bytes.words(UInt16.self).map { Float(bitPattern: UInt32($0) << 16) }
    case .float16: return bytes.words(UInt16.self).map { Float(half: $0) }
    default: throw Failure(.badData, "\(kind(at: index)): floating-point numbers are needed")
    }
  }

  /// The numbers of a tensor of whole numbers.
  ///
  /// - Throws: as `bytes`; `Failure(.badData)` for other numbers.
  package func integers(at index: Int) throws(Failure) -> [Int64] {
    let bytes = try bytes(at: index)
    switch outlines[index].type {
    case .int64: return bytes.words(Int64.self)
    case .int32: return bytes.words(Int32.self).map { Int64($0) }
    case .int16: return bytes.words(Int16.self).map { Int64($0) }
    case .int8: return bytes.map { Int64(Int8(bitPattern: $0)) }
    case .uint8, .bool: return bytes.map { Int64($0) }
    default: throw Failure(.badData, "\(kind(at: index)): whole numbers are needed")
    }
  }

  private func kind(at index: Int) -> String {
    let tensor = outlines[index]
    return "tensor \(tensor.name) in \(path) is \(tensor.type.rawValue) of shape \(tensor.shape)"
  }
}

/// The formats.
package enum TensorFiles {
  /// Opens a safetensors file or a PyTorch file, whichever it is by its first bytes.
  ///
  /// - Throws: `Failure(.badData)` for a file that is neither or damaged, `Failure(.inputOutput)` where it cannot be read.
  package static func open(_ path: String) throws(Failure) -> any TensorFile {
    let reader = try FileReader(path)
    let start = try reader.bytes(upTo: 9)
    // The length of a safetensors header may look like the beginning of the other formats; the brace after it does not.
    if start.count == 9, start[8] == UInt8(ascii: "{") { return try SafetensorsFile(path) }
    if TorchFile.begins(start) { return try TorchFile(path) }
    if path.hasSuffix(".safetensors") { return try SafetensorsFile(path) }
    throw Failure(
      .badData, "\(path) holds no tensors: it is neither a safetensors file nor a PyTorch file (torch.save)")
  }
}

extension [UInt8] {
  /// Little-endian numbers one after the other; bytes at the end that make none are left out.
  fileprivate func words<Word: FixedWidthInteger>(_: Word.Type) -> [Word] {
    withUnsafeBytes { bytes in
      (0..<bytes.count / MemoryLayout<Word>.size).map { i in
        Word(littleEndian: bytes.loadUnaligned(fromByteOffset: i * MemoryLayout<Word>.size, as: Word.self))
      }
    }
  }
}

extension Float {
  /// The value of IEEE 754's binary16: 1 bit of sign, 5 of exponent (bias 15), 10 of fraction.
  init(half bits: UInt16) {
    let sign: Float = bits & 0x8000 == 0 ? 1 : -1
    let (exponent, fraction) = (Int(bits >> 10 & 0x1F), Float(bits & 0x3FF))
    self =
      switch exponent {
      case 0: sign * fraction * 0x1p-24
      case 31: fraction == 0 ? sign * .infinity : .nan
      default: sign * Float(sign: .plus, exponent: exponent - 15, significand: 1 + fraction * 0x1p-10)
      }
  }
}
