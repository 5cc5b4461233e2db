// Where the results of a command go, beside what it says: the file of `--json` or `--output`, looked at before the work begins.

import Checkpoints
import Communication
import Failures
import Platform

/// A place for results, rank 0's; the same calls on every rank.
struct ResultOutput {
  private let communicator: any Communicator
  /// Rank 0's, where a file was named.
  private let file: OutputFile?

  /// - Parameter path: as it was given; nil where none was.
  /// - Throws: `Failure(.cannotCreate)` on every rank where nothing could be written there.
  init(_ path: String?, _ communicator: any Communicator) throws {
    self.communicator = communicator
    file = try communicator.onRoot { try path.map { path throws(Failure) in try OutputFile(path) } } ?? nil
  }

  /// The regular file that will be replaced; nil on ranks other than 0, and for all other places.
  var replaced: String? { file?.replaced }

  /// Whether standard output is for the results.
  var takesStandardOutput: Bool { file?.isStandardOutput == true }

  /// Where the rest belongs: standard error, where standard output is for the results.
  var stream: StandardStream { takesStandardOutput ? .error : .output }

  /// Writes what `text` makes, where a file was named; text lines end with a newline.
  func write(_ text: () throws -> String) throws {
    _ = try communicator.onRoot {
      guard let file else { return }
      let text = try text()
      try file.write((file.isStandardOutput ? PlainText.lines(text) : text).utf8)
    }
  }

  /// Writes bytes, where a file was named.
  func write(bytes: () throws -> [UInt8]) throws {
    _ = try communicator.onRoot { if let file { try file.write(bytes()) } }
  }

  /// Prints a text beside the results; on rank 0.
  ///
  /// - Throws: `Failure(.inputOutput)` on every rank where that cannot be done.
  func print(_ text: String) throws {
    _ = try communicator.onRoot { try stream.write(text) }
  }
}
