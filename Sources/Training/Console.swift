// What rank 0 tells the user while a run goes on: a progress line on a terminal, plain lines elsewhere, JSON, or nothing.

import Checkpoints
import Foundation
import Reports

/// How a command talks.
package enum Voice: Sendable {
  case text
  case json
  case quiet
}

/// The voice of one rank; ranks other than 0 have none.
package final class Console {
  private let voice: Voice
  private let isTerminal: Bool
  private var hasProgress = false
  /// `log.txt`, once there is a run directory.
  package var log: LineLog?

  package init(_ voice: Voice, isRoot: Bool) {
    self.voice = isRoot ? voice : .quiet
    isTerminal = Terminal.isStandardOutput
  }

  /// Says a line of text, and keeps it in the log.
  package func say(_ line: String) {
    try? log?.append(line)
    if voice == .text { write(line + "\n") }
  }

  /// Says a line that replaces the one before it on a terminal.
  package func progress(_ line: String) {
    try? log?.append(line)
    guard voice == .text else { return }
    if isTerminal {
      FileHandle.standardOutput.write(Data("\r\u{1B}[K\(line)".utf8))
      hasProgress = true
    } else {
      write(line + "\n")
    }
  }

  /// Says a line of JSON.
  package func json(_ line: String) {
    if voice == .json { write(line + "\n") }
  }

  /// Whether text goes to a terminal that shows colour.
  package var isColoured: Bool { voice == .text && Terminal.takesColour }

  private func write(_ text: String) {
    let end = hasProgress ? "\n" : ""
    hasProgress = false
    FileHandle.standardOutput.write(Data((end + text).utf8))
  }
}
