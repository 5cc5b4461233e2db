// How a subcommand ends: errors become one line on stderr, from one rank, and an exit code.

import ArgumentParser
import Failures
import Foundation

/// A failure that only this process met; it is printed whatever the rank is.
struct OwnFailure: Error {
  let rank: Int
  let failure: Failure
}

/// Ends subcommands.
enum CommandOutcome {
  /// Runs the body of a subcommand.
  ///
  /// A `Failure` is taken to be known to every rank (bad options, bad data, an agreed end) and printed by rank 0 alone;
  /// what one rank alone met is thrown as `OwnFailure` and printed by that one. All end with the failure's code.
  ///
  /// - Throws: `ArgumentParser.ExitCode`, and errors of ArgumentParser as they are.
  static func run(_ body: () throws -> Void) throws {
    do {
      try body()
    } catch let failure as Failure {
      throw end(failure.code, failure.message, isPrinted: Speaker.isThisProcess)
    } catch let own as OwnFailure {
      throw end(own.failure.code, "rank \(own.rank): \(own.failure.message)", isPrinted: true)
    } catch let error where error is ArgumentParser.ExitCode || error is ValidationError || error is CleanExit {
      throw error
    } catch {
      throw end(.internal, "internal error: \(error)", isPrinted: true)
    }
  }

  private static func end(_ code: Failures.ExitCode, _ message: String, isPrinted: Bool) -> ArgumentParser.ExitCode {
    if isPrinted {
      let line = "fairtat-dist: \(message.split(whereSeparator: \.isNewline).joined(separator: " "))\n"
      FileHandle.standardError.write(Data(line.utf8))
    }
    return ArgumentParser.ExitCode(code.rawValue)
  }
}
