// Reads parts of one regular file by their place.

import Digests
import Failures
import Foundation
import Platform

/// An open file. Reads carry their own offset, so several threads may share it.
package final class FileReader: Sendable {
  /// Where the file is.
  package let path: String
  /// Its length when it was opened.
  package let byteCount: Int
  private let descriptor: Int32

  /// Opens a regular file.
  /// - Throws: `Failure(.badData)` where there is none, `Failure(.inputOutput)` where it cannot be opened.
  package init(_ path: String) throws(Failure) {
    self.path = path
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      let missing = errno == ENOENT || errno == ENOTDIR
      throw FileSystem.failure("open", path, code: missing ? .badData : .inputOutput)
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw Failure(.badData, "\(path) is not a regular file")
    }
    self.descriptor = descriptor
    byteCount = Int(status.st_size)
  }

  deinit { close(descriptor) }

  /// Fills `buffer` with the bytes from `offset` on.
  /// - Throws: `Failure(.badData)` where the file ends before, `Failure(.inputOutput)` on a device error.
  package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(Failure) {
    var done = 0
    while let base = buffer.baseAddress, done < buffer.count {
      let count = pread(descriptor, base + done, min(buffer.count - done, 1 << 26), off_t(offset + done))
      if count > 0 {
        done += count
      } else if count == 0 {
        throw Failure(.badData, "\(path) ends at byte \(offset + done), \(buffer.count - done) bytes too early")
      } else if errno != EINTR {
        throw FileSystem.failure("read", path)
      }
    }
  }

  /// The whole file.
  package func bytes() throws(Failure) -> [UInt8] {
    try Self.array(byteCount) { (raw) throws(Failure) in try read(into: raw, at: 0) }
  }

  /// The file, or its first `limit` bytes.
  package func bytes(upTo limit: Int) throws(Failure) -> [UInt8] {
    try Self.array(min(byteCount, limit)) { (raw) throws(Failure) in try read(into: raw, at: 0) }
  }

  /// The hexadecimal SHA-256 of the whole file, read in blocks of 1 MiB.
  package func digest() throws(Failure) -> String {
    var digest = SHA256()
    var offset = 0
    let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
    defer { block.deallocate() }
    while offset < byteCount {
      let part = UnsafeMutableRawBufferPointer(rebasing: block[..<min(block.count, byteCount - offset)])
      try read(into: part, at: offset)
      digest.update(UnsafeRawBufferPointer(part))
      offset += part.count
    }
    return digest.hex()
  }

  /// An array whose memory `fill` writes.
  static func array<Element: BitwiseCopyable>(
    _ count: Int, fill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void
  ) throws(Failure) -> [Element] {
    var failure: Failure?
    let values = [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
      do throws(Failure) {
        try fill(UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: buffer[..<count])))
        initialized = count
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return values
  }
}
