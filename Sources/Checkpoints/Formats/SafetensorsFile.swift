// Reads tensors by name from a safetensors file (the format is described in SafetensorsHeader.swift). Nothing in the
// file is believed before it was checked: a damaged or truncated file is an error, never a crash.

import Failures
import Foundation

/// An open safetensors file with a checked header. Only the header is in memory; tensors are read when asked for.
package struct SafetensorsFile: TensorFile {
  /// Free text of the writer.
  package var metadata: [String: String] { header.metadata }
  /// All tensors, in the order of the data.
  package var tensors: [SafetensorsHeader.Tensor] { header.tensors }
  package let outlines: [TensorOutline]
  /// Where the file is.
  package var path: String { reader.path }

  private let reader: FileReader
  private let header: SafetensorsHeader
  private let dataStart: Int
  private let byName: [String: Int]

  /// Opens a file and checks its header against its length.
  /// - Throws: `Failure(.badData)` naming the file and what is wrong, `Failure(.inputOutput)` where it cannot be read.
  package init(_ path: String) throws(Failure) {
    reader = try FileReader(path)
    guard reader.byteCount >= 8 else {
      throw Failure(.badData, "\(path) is not a valid safetensors file: it has only \(reader.byteCount) bytes")
    }
    let length: [UInt64] = try FileReader.array(1) { [reader] (raw) throws(Failure) in try reader.read(into: raw, at: 0)
    }
    let count = UInt64(littleEndian: length[0])
    guard count <= UInt64(min(reader.byteCount - 8, SafetensorsHeader.limit)) else {
      throw Failure(
        .badData,
        "\(path) is not a valid safetensors file: a header of \(count) bytes in a file of \(reader.byteCount)")
    }
    let json: [UInt8] = try FileReader.array(Int(count)) { [reader] (raw) throws(Failure) in
      try reader.read(into: raw, at: 8)
    }
    dataStart = 8 + Int(count)
    header = try SafetensorsHeader(json: json, dataCount: reader.byteCount - dataStart, path: path)
    outlines = header.tensors.map { TensorOutline(name: $0.name, type: $0.type, shape: $0.shape) }
    byName = Dictionary(header.tensors.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The tensor of a name, if the file has it.
  package subscript(name: String) -> SafetensorsHeader.Tensor? { byName[name].map { header.tensors[$0] } }

  package func bytes(at index: Int) throws(Failure) -> [UInt8] {
    let range = header.tensors[index].range
    return try reader.bytes(in: dataStart + range.lowerBound..<dataStart + range.upperBound)
  }

  /// Reads a tensor into an array, row-major.
  /// - Parameter shape: the shape that is expected; nil accepts any.
  /// - Throws: `Failure(.badData)` where the tensor is missing or has another type or shape.
  package func values<Element: StoredElement>(
    _ name: String, as type: Element.Type = Element.self, shape: [Int]? = nil
  ) throws(Failure) -> [Element] {
    let tensor = try tensor(name, Element.elementType, shape)
    return try FileReader.array(tensor.range.count / Element.elementType.byteCount) { (raw) throws(Failure) in
      try reader.read(into: raw, at: dataStart + tensor.range.lowerBound)
    }
  }

  /// Reads a tensor into memory of the caller that has exactly its size.
  /// - Throws: `Failure(.badData)` where the tensor is missing or has another type or shape.
  package func read(
    _ name: String, _ type: ElementType, shape: [Int], into buffer: UnsafeMutableRawBufferPointer
  ) throws(Failure) {
    let tensor = try tensor(name, type, shape)
    guard tensor.range.count == buffer.count else {
      throw Failure(.internal, "tensor \(name) has \(tensor.range.count) bytes, the memory for it \(buffer.count)")
    }
    try reader.read(into: buffer, at: dataStart + tensor.range.lowerBound)
  }

  private func tensor(
    _ name: String, _ type: ElementType, _ shape: [Int]?
  ) throws(Failure) -> SafetensorsHeader.Tensor {
    guard let tensor = self[name] else { throw Failure(.badData, "\(path) has no tensor \(name)") }
    guard tensor.type == type, shape == nil || tensor.shape == shape else {
      let expected = shape.map { " of shape \($0)" } ?? ""
      throw Failure(
        .badData,
        "tensor \(name) in \(path) is \(tensor.type.rawValue) of shape \(tensor.shape), expected is "
          + "\(type.rawValue)\(expected)")
    }
    return tensor
  }
}
