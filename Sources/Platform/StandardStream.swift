// Standard output and standard error by write(2): every line that the program says goes through here, and one that cannot be
// written is an error that the caller may act on, never the end of the process.

import Failures
import Glibc

/// One of the two streams that a process is started with.
package struct StandardStream: Sendable {
  package static let output = StandardStream(descriptor: STDOUT_FILENO, name: "standard output")
  package static let error = StandardStream(descriptor: STDERR_FILENO, name: "standard error")

  package let descriptor: Int32
  private let name: String

  private init(descriptor: Int32, name: String) {
    self.descriptor = descriptor
    self.name = name
  }

  /// Writes a text in UTF-8, however many calls it takes.
  ///
  /// - Throws: `Failure(.inputOutput)`: disk full, closed, nobody who reads, a terminal that is gone.
  package func write(_ text: String) throws(Failure) {
    try Descriptor.write(Array(text.utf8), to: descriptor, name: name)
  }
}
