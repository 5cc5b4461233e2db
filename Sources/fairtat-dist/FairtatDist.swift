// The command line: one file a subcommand, this one for what they share at the top.

import ArgumentParser
import Foundation

/// `fairtat-dist`.
@main
struct FairtatDist: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fairtat-dist",
    abstract: "Trains robust and fair image classifiers (FAIR-TAT), data-parallel over MPI ranks on CPUs.",
    discussion: """
      With no recipe and no data, `fairtat-dist train` trains a small network on built-in images; `mpirun -np 8 \
      fairtat-dist train` does the same on 8 ranks, with the same result.

      Exit codes: 0 done; 64 usage; 65 bad data; 69 MPI missing; 70 internal error, NaN loss or ranks that disagree; \
      73, 74 a file that cannot be created or read; 75 checkpointed on a signal or before the time is over, please \
      requeue; 76 stalled; 78 configuration.
      """,
    version: Version.text,
    subcommands: [
      TrainCommand.self, EvaluateCommand.self, ReportCommand.self, DoctorCommand.self, BenchCommand.self,
      PlanCommand.self, ListCommand.self,
    ])

  /// Parses, runs, and ends the process; help and usage errors are the same on every rank, so one prints them.
  static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      if !Speaker.isThisProcess { Foundation.exit(exitCode(for: error).rawValue) }
      exit(withError: error)
    }
  }
}
