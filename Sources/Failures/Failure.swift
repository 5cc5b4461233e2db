// What ends a run, in one line for the user, with the exit code that tells scripts why.

/// The exit codes of every subcommand, after sysexits.h where it has one.
package enum ExitCode: Int32, Sendable {
  case success = 0
  case usage = 64
  case badData = 65
  case mpiMissing = 69
  case `internal` = 70
  case cannotCreate = 73
  case inputOutput = 74
  case requeue = 75
  case stalled = 76
  case configuration = 78
}

/// An error that says what is wrong, where, and what to do, in one line.
package struct Failure: Error, Equatable, CustomStringConvertible, Sendable {
  /// What the process ends with.
  package let code: ExitCode
  /// One line without a full stop at the end; names the file, key or rank, and the cure. Shortened where files have names without end.
  package let message: String

  package init(_ code: ExitCode, _ message: String) {
    self.code = code
    self.message = ShortLine.of(message)
  }

  package var description: String { message }
}
