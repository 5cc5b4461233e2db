// A long file in the making: under a temporary name beside its own, which it takes as a whole or not at all.

import Failures
import Foundation
import Platform

/// What `AtomicFile` writes at once, for those who write block by block. Thrown away where it is dropped before `commit()`.
package final class FileDraft {
  private let path: String
  private let temporary: String
  private let writer: FileWriter
  private var isDone = false

  /// - Throws: `Failure(.inputOutput)` where no file can be made there.
  package init(_ path: String) throws(Failure) {
    self.path = path
    temporary = AtomicFile.temporaryPath(for: path)
    writer = try FileWriter(temporary)
  }

  deinit { if !isDone { unlink(temporary) } }

  /// Appends bytes.
  ///
  /// - Throws: `Failure(.inputOutput)`: disk full, quota, device.
  package func write(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try writer.write($0) } }

  /// Makes the file durable and gives it its name.
  ///
  /// - Throws: `Failure(.inputOutput)`; what was there before is then still there.
  package func commit() throws(Failure) {
    try writer.finish()
    try FileSystem.rename(temporary, to: path)
    isDone = true
    try FileSystem.sync(directory: Path.parent(of: path))
  }
}
