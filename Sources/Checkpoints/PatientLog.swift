// A log whose lines survive a disk that is full for a while: what cannot be written waits in memory, in order, for the next
// line to be written too.

import Failures

/// A log that tries again.
package final class PatientLog {
  private let log: LineLog
  /// Lines that are not in the file yet, and their bytes.
  private var waiting: [String] = []
  private var waitingBytes = 0
  private let limit: Int

  /// - Parameters:
  ///   - log: where the lines are to go.
  ///   - limit: bytes that may wait.
  package init(_ log: LineLog, limit: Int = 16 << 20) {
    self.log = log
    self.limit = limit
  }

  /// Appends a line, after those that wait; where it cannot be written it waits.
  ///
  /// - Throws: `Failure(.inputOutput)` where too much would wait: the line is not taken. `Failure(.internal)` for a line with
  ///   newlines.
  package func append(_ line: String) throws {
    if waiting.isEmpty {
      do { return try log.append(line) } catch let failure as Failure where failure.code == .inputOutput {}
    }
    guard waitingBytes + line.utf8.count <= limit else {
      try write()
      return try log.append(line)
    }
    waiting.append(line)
    waitingBytes += line.utf8.count + 1
    try? write()
  }

  /// Makes all lines durable.
  ///
  /// - Throws: `Failure(.inputOutput)` while there are lines that cannot be written; they go on waiting.
  package func flush() throws {
    try write()
    try log.sync()
  }

  /// Writes the lines that wait.
  private func write() throws {
    var written = 0
    defer {
      waitingBytes -= waiting[..<written].reduce(0) { $0 + $1.utf8.count + 1 }
      waiting.removeFirst(written)
    }
    for line in waiting {
      try log.append(line)
      written += 1
    }
  }
}
