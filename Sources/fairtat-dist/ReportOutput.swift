// Where the text of a report goes: the file of `--output`, looked at before the work begins; without one, and for `-`, standard output,
// which shows no control characters.

import Checkpoints
import Failures
import Platform

/// A place for the text of a report.
struct ReportOutput {
  private let file: OutputFile?

  /// - Parameter path: as it was given; nil where none was.
  /// - Throws: `Failure(.cannotCreate)` where nothing could be written there.
  init(_ path: String?) throws(Failure) {
    file = try path.map { path throws(Failure) in try OutputFile(path) }
  }

  /// Whether a place was named.
  var isNamed: Bool { file != nil }
  /// Where the rest belongs: standard error, where `-` names standard output for the text.
  var stream: StandardStream { file?.isStandardOutput == true ? .error : .output }

  /// Writes all of it, and says where to.
  func write(_ text: String) throws {
    guard let file, !file.isStandardOutput else { return try StandardStream.output.write(PlainText.lines(text)) }
    try file.write(text.utf8)
    try StandardStream.output.write(PlainText.line("wrote \(file.path)") + "\n")
  }
}
