// Writes one new file from front to back and takes its SHA-256 on the way, so that the digest is that of what was
// meant, not of what a disk gives back.

import Digests
import Failures
import Foundation
import Platform

/// A file being written. Not thread-safe; closed without sync when it is dropped before `finish()`.
package final class FileWriter {
  /// Where the file is.
  package let path: String
  /// Bytes written so far.
  package private(set) var byteCount = 0
  private var descriptor: Int32
  private var digest: SHA256? = SHA256()

  /// Creates an empty file, replacing what has that name.
  /// - Throws: `Failure(.inputOutput)` with the path and the reason.
  package init(_ path: String) throws(Failure) {
    self.path = path
    descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    if descriptor < 0 { throw FileSystem.failure("create", path) }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Appends bytes.
  /// - Throws: `Failure(.inputOutput)`: disk full, quota, device.
  package func write(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
    try Descriptor.write(bytes, to: descriptor, name: path)
    digest?.update(bytes)
    byteCount += bytes.count
  }

  /// Appends a string in UTF-8.
  package func write(_ text: String) throws {
    try Array(text.utf8).withUnsafeBytes { try write($0) }
  }

  /// Makes the file durable and closes it.
  /// - Returns: the hexadecimal SHA-256 of all bytes written.
  @discardableResult
  package func finish() throws(Failure) -> String {
    guard descriptor >= 0, let digest = digest.take() else { throw Failure(.internal, "\(path) was finished twice") }
    let synced = fsync(descriptor) == 0
    let error = errno
    // Network file systems report a spent quota as late as here.
    let closed = close(descriptor) == 0
    let closeError = errno
    descriptor = -1
    if !synced { throw FileSystem.failure("sync", path, error: error) }
    if !closed { throw FileSystem.failure("close", path, error: closeError) }
    return digest.hex()
  }
}
