// What rank 0 tells the user while a run goes on: a progress line on a terminal, plain lines elsewhere, JSON, or nothing.
//
// A line that cannot be said is no reason to end a run: the log has it, and the next one is tried again.

import Checkpoints
import Failures
import Platform
import Reports

/// How a command talks.
package enum Voice: Sendable {
  case text
  /// Lines of JSON on standard output.
  case json
  /// No progress and no results.
  case quiet
  /// Nothing at all.
  case silent
}

/// The voice of one rank; ranks other than 0 are silent.
package final class Console {
  private let voice: Voice
  private let stream: StandardStream
  private let isTerminal: Bool
  private var hasProgress = false
  private var failure: Failure?
  private var failureIsLogged = false
  /// `log.txt`, once there is a run directory.
  package var log: PatientLog?

  /// - Parameter stream: where text goes: standard error where standard output is for something else.
  package init(_ voice: Voice, isRoot: Bool, stream: StandardStream = .output) {
    self.voice = isRoot ? voice : .silent
    self.stream = stream
    isTerminal = stream.descriptor == StandardStream.output.descriptor && Terminal.isStandardOutput
  }

  /// Says a line of text, and keeps it in the log.
  package func say(_ line: String) {
    let line = PlainText.line(line)
    try? log?.append(line)
    if voice == .text { write(line + "\n") }
  }

  /// Says a line that no voice suppresses, because results may mean something else by it, and keeps it in the log: a warning, or
  /// what a person would ask whether it is meant. Where the voice has no text it goes to standard error.
  package func note(_ line: String) {
    let line = ShortLine.of(line)
    switch voice {
    case .text, .silent: say(line)
    case .json, .quiet:
      let line = PlainText.line(line)
      try? log?.append(line)
      try? StandardStream.error.write(line + "\n")
    }
  }

  /// Says a table, and keeps it in the log without its colours.
  package func say(_ table: TextTable) {
    for row in table.text(colour: false).split(separator: "\n") { try? log?.append(String(row)) }
    if voice == .text { write(table.text(colour: isTerminal && Terminal.takesColour)) }
  }

  /// Says a line that replaces the one before it on a terminal.
  package func progress(_ line: String) {
    let line = PlainText.line(line)
    try? log?.append(line)
    guard voice == .text else { return }
    if isTerminal {
      put("\r\u{1B}[K\(line)")
      hasProgress = true
    } else {
      write(line + "\n")
    }
  }

  /// Says a line of JSON.
  package func json(_ line: String) {
    if voice == .json { write(PlainText.line(line) + "\n") }
  }

  /// Makes sure that all was said, for commands of which nothing else is left.
  ///
  /// - Throws: `Failure(.inputOutput)` where a line could not be written.
  package func checkDelivery() throws(Failure) {
    if let failure { throw failure }
  }

  private func write(_ text: String) {
    let end = hasProgress ? "\n" : ""
    hasProgress = false
    put(end + text)
  }

  /// Writes; the first line that fails is named in the log.
  private func put(_ text: String) {
    do throws(Failure) {
      try stream.write(text)
    } catch {
      failure = failure ?? error
      // The first lines come before there is a log.
      guard !failureIsLogged, let log else { return }
      failureIsLogged = true
      try? log.append("warning: \(error.message); what is said goes on here")
    }
  }
}
