// The command line: one file a subcommand, this one for what they share at the top.

import ArgumentParser
import CPlatform
import Communication
import Failures
import Glibc
import Platform

/// `fairtat-dist`.
@main
struct FairtatDist: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fairtat-dist",
    abstract: "Trains robust and fair image classifiers (FAIR-TAT), data-parallel over MPI ranks on CPUs.",
    discussion: """
      With no recipe and no data, `fairtat-dist train` trains a small network on built-in images; `mpirun -np 8 \
      fairtat-dist` does the same on 8 ranks, with the same result: under a launcher `train` is the default.

      Exit codes: 0 done; 64 usage; 65 bad data; 69 MPI missing; 70 internal error, NaN loss or ranks that disagree; \
      73, 74 a file that cannot be created or read; 75 checkpointed on a signal or before the time is over, please \
      requeue; 76 stalled; 78 configuration.
      """,
    version: Version.text,
    subcommands: [
      TrainCommand.self, EvaluateCommand.self, AnalyzeCommand.self, CorruptCommand.self, ReportCommand.self,
      ExportCommand.self,
      ImportCommand.self, DoctorCommand.self, BenchCommand.self, PlanCommand.self, ListCommand.self,
    ],
    defaultSubcommand: Launch.ofThisProcess.isForTraining ? TrainCommand.self : nil)

  /// Parses, runs, and ends the process; help and usage errors are the same on every rank, so one prints them.
  static func main() {
    platform_signals_of_writing()
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      let code = exitCode(for: error)
      let text = fullMessage(for: error)
      guard !text.isEmpty, Launch.ofThisProcess.speaks else { Glibc.exit(code.rawValue) }
      do {
        try (code.isSuccess ? StandardStream.output : .error).write(PlainText.lines(text) + "\n")
      } catch {
        // An error that nobody can hear keeps its code.
        if code.isSuccess { CommandOutcome.report(error) }
        Glibc.exit(code.isSuccess ? Failures.ExitCode.inputOutput.rawValue : code.rawValue)
      }
      Glibc.exit(code.rawValue)
    }
  }
}
