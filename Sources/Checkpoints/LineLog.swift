// Logs that grow by whole lines: metrics.jsonl, classes.csv, log.txt. Each line is one write(2) at the end of the file,
// so that readers and kills see whole lines but for the very last.

import Failures
import Glibc
import Platform

/// An open log, one writer at a time.
package final class LineLog {
  /// Where the file is.
  package let path: String
  private let descriptor: Int32

  /// Opens a log for appending and creates it where it is missing. A last line that a kill cut off is ended.
  /// - Throws: `Failure(.cannotCreate)` with the path and the reason.
  package init(_ path: String) throws {
    self.path = path
    descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
    if descriptor < 0 { throw FileSystem.failure("open", path, code: .cannotCreate) }
    var last: UInt8 = 0
    let end = lseek(descriptor, 0, SEEK_END)
    if end > 0, pread(descriptor, &last, 1, end - 1) == 1, last != UInt8(ascii: "\n") { try append("") }
  }

  deinit { close(descriptor) }

  /// Whether there is no line yet.
  package var isEmpty: Bool { lseek(descriptor, 0, SEEK_END) == 0 }

  /// Appends a line and a newline.
  /// - Parameter line: without newlines.
  /// - Throws: `Failure(.inputOutput)`; the log then ends where it ended before.
  package func append(_ line: String) throws {
    guard !line.utf8.contains(UInt8(ascii: "\n")) else { throw Failure(.internal, "a line for \(path) has newlines") }
    let end = lseek(descriptor, 0, SEEK_END)
    do {
      try Array("\(line)\n".utf8).withUnsafeBytes { try Descriptor.write($0, to: descriptor, name: path) }
    } catch {
      // A part of a line would damage the next one too.
      ftruncate(descriptor, end)
      throw error
    }
  }

  /// Makes all lines so far durable.
  /// - Throws: `Failure(.inputOutput)`.
  package func sync() throws(Failure) {
    if fsync(descriptor) != 0 && errno != EINVAL { throw FileSystem.failure("sync", path) }
  }
}
