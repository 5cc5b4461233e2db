// One file of a checkpoint on its way to the disk.

import Failures
import Foundation

/// A file that a checkpoint is to hold: its name, about how long it will be, and how to write it.
package struct CheckpointFile {
  /// A plain name: letters, digits, `.`, `_`, `-`, not beginning with a point, and not `DONE`.
  package let name: String
  /// The expected length, for the check of free space.
  package let byteCount: Int
  /// Writes the contents; called once.
  package let write: (FileWriter) throws -> Void

  package init(_ name: String, byteCount: Int, write: @escaping (FileWriter) throws -> Void) {
    self.name = name
    self.byteCount = byteCount
    self.write = write
  }

  /// A file of bytes that are at hand, for instance JSON.
  package init(_ name: String, _ data: Data) {
    self.init(name, byteCount: data.count) { writer in try data.withUnsafeBytes { try writer.write($0) } }
  }

  /// A safetensors file.
  /// - Throws: `Failure(.internal)` for entries that contradict themselves.
  package init(_ name: String, tensors: [TensorEntry], metadata: [String: String] = [:]) throws {
    self.init(name, byteCount: try SafetensorsFile.byteCount(tensors, metadata: metadata)) {
      try SafetensorsFile.write(tensors, metadata: metadata, to: $0)
    }
  }
}
