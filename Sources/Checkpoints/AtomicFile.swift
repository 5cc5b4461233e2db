// Replaces a file as a whole: whoever reads it, or finds it after a crash, sees the old or the new one.

import Failures
import Foundation

/// Writing under a temporary name in the same directory, made durable, then renamed.
package enum AtomicFile {
  /// Writes `data` to `path`. One writer a path at a time.
  /// - Throws: `Failure(.inputOutput)`; what was there before is then still there.
  package static func write(_ data: some Sequence<UInt8>, to path: String) throws {
    try write(to: path) { writer in try Array(data).withUnsafeBytes { try writer.write($0) } }
  }

  /// Writes a string in UTF-8 to `path`.
  package static func write(_ text: String, to path: String) throws {
    try write(text.utf8, to: path)
  }

  /// Writes what `body` writes to `path`; where it throws, nothing has changed.
  package static func write(to path: String, _ body: (FileWriter) throws -> Void) throws {
    let directory = FileSystem.parent(of: path)
    let temporary = FileSystem.join(directory, ".\(FileSystem.name(of: path)).partial-\(getpid())")
    do {
      let writer = try FileWriter(temporary)
      try body(writer)
      try writer.finish()
      try FileSystem.rename(temporary, to: path)
    } catch {
      unlink(temporary)
      throw error
    }
    try FileSystem.sync(directory: directory)
  }
}
