// How a subcommand ends: errors become one line on stderr, from one rank, and an exit code.

import ArgumentParser
import Communication
import Failures
import Platform

/// Ends subcommands.
enum CommandOutcome {
  /// Runs the body of a subcommand.
  ///
  /// A `Failure` outside of a group of ranks is known to every process (bad options) and printed by the first alone;
  /// what a group met was `Reported` by one of its ranks. All end with the failure's code.
  ///
  /// - Throws: `ArgumentParser.ExitCode`, and errors of ArgumentParser as they are.
  static func run(_ body: () throws -> Void) throws {
    do {
      try body()
    } catch let reported as Reported {
      throw ArgumentParser.ExitCode(reported.code.rawValue)
    } catch let failure as Failure {
      if Launch.ofThisProcess.speaks { report(failure) }
      throw ArgumentParser.ExitCode(failure.code.rawValue)
    } catch let error where error is ArgumentParser.ExitCode || error is ValidationError || error is CleanExit {
      throw error
    } catch {
      report(error)
      throw ArgumentParser.ExitCode(Failures.ExitCode.internal.rawValue)
    }
  }

  /// Prints an error as one line on stderr.
  static func report(_ error: any Error) {
    // Whoever cannot hear it still learns the exit code.
    say((error as? Failure)?.message ?? "internal error: \(error)")
  }

  /// Says a line beside the results, on stderr; whoever cannot be told may still have use for these.
  static func say(_ line: String) {
    try? StandardStream.error.write("fairtat-dist: \(PlainText.line(ShortLine.of(line)))\n")
  }
}
