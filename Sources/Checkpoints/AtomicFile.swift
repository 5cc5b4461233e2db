// Replaces a file as a whole: whoever reads it, or finds it after a crash, sees the old or the new one.

import Failures
import Foundation
import Platform

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
    let temporary = temporaryPath(for: path)
    do {
      let writer = try FileWriter(temporary)
      try body(writer)
      try writer.finish()
      try FileSystem.rename(temporary, to: path)
    } catch {
      unlink(temporary)
      throw error
    }
    try FileSystem.sync(directory: Path.parent(of: path))
  }

  /// A file beside `path`, of this process.
  static func temporaryPath(for path: String) -> String {
    Path.join(Path.parent(of: path), temporaryName(for: Path.name(of: path)))
  }

  /// A name in the same directory, no longer than file systems allow (255 bytes) where the name itself is not.
  private static func temporaryName(for name: String) -> String {
    let end = ".partial-\(getpid())"
    return "." + String(decoding: Array(name.utf8.prefix(254 - end.utf8.count)), as: UTF8.self) + end
  }
}
