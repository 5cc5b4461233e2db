// Writes named tensors as a safetensors file: header first, then one tensor after the other, with memory for the
// largest that a closure makes.

import Failures
import Foundation

extension SafetensorsFile {
  /// The length of the file that `write` makes of these.
  package static func byteCount(_ entries: [TensorEntry], metadata: [String: String] = [:]) throws(Failure) -> Int {
    let header = try SafetensorsHeader(entries, metadata: metadata)
    return header.encoded.count + header.dataCount
  }

  /// Streams tensors to a file. The same entries and metadata give the same bytes.
  /// - Throws: `Failure(.inputOutput)`; `Failure(.internal)` for entries that contradict themselves; what closures throw.
  package static func write(
    _ entries: [TensorEntry], metadata: [String: String] = [:], to writer: FileWriter
  ) throws {
    let header = try SafetensorsHeader(entries, metadata: metadata)
    try header.encoded.withUnsafeBytes { try writer.write($0) }
    let byName = Dictionary(uniqueKeysWithValues: entries.map { ($0.name, $0) })

    let largest = header.tensors.map(\.range.count).max() ?? 0
    // Owned here, lent to the closures one after the other.
    var scratch: UnsafeMutableRawBufferPointer?
    defer { scratch?.deallocate() }
    for tensor in header.tensors {
      switch byName[tensor.name]!.source {
      case .bytes(let bytes):
        guard bytes.count == tensor.range.count else {
          throw Failure(.internal, "tensor \(tensor.name) has \(bytes.count) bytes for shape \(tensor.shape)")
        }
        try writer.write(bytes)
      case .fill(let fill):
        let memory = scratch ?? .allocate(byteCount: largest, alignment: 64)
        scratch = memory
        let part = UnsafeMutableRawBufferPointer(rebasing: memory[..<tensor.range.count])
        try fill(part)
        try writer.write(UnsafeRawBufferPointer(part))
      }
    }
  }

  /// Writes a file of tensors under its final name at once, durable and whole or not at all.
  package static func write(_ entries: [TensorEntry], metadata: [String: String] = [:], to path: String) throws {
    try AtomicFile.write(to: path) { try write(entries, metadata: metadata, to: $0) }
  }
}
