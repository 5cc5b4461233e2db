import Foundation
import Launching
import Testing

extension TrainingTests {
  /// Ranks that hang, under mpirun: found, named, ended; and jobs that are only stopped for a while.
  @Suite(.enabled(if: Launcher.mpirun != nil, "mpirun is not installed"))
  struct Stalls {
    private func start(_ files: RunFiles, ranks: Int, epochs: Int) throws -> (LaunchedProgram, [Int32]) {
      let program = try LaunchedProgram(
        ranks: ranks, Programs.train(files, ["training.epochs=\(epochs)", "engine.stall-timeout=3"]))
      program.wait { files.lines("metrics.jsonl").count >= 2 }
      let processes = program.ranks
      try #require(processes.count == ranks)
      return (program, processes)
    }

    @Test(arguments: [(2, 0), (2, 1), (3, 1)]) func aStoppedRankIsNamedAndEnded(ranks: Int, victim: Int) throws {
      let files = try RunFiles()
      let (program, processes) = try start(files, ranks: ranks, epochs: 200)
      kill(processes[victim], SIGSTOP)
      let outcome = try program.wait()
      #expect(outcome.code == 76, "\(outcome.errors)")
      #expect(outcome.ownErrors.count == 1)
      let line = outcome.ownErrors.first ?? ""
      #expect(line.contains("stalled: rank \(victim) on "), "\(line)")
      #expect(line.contains("(process \(processes[victim])) has not moved for "), "\(line)")
      #expect(line.contains("in epoch ") && line.contains(", step ") && line.contains(", at "), "\(line)")
      #expect(line.contains("its process is stopped"), "\(line)")
      let end = Date(timeIntervalSinceNow: 60)
      while processes.contains(where: LaunchedProgram.isAlive) && Date() < end { usleep(10_000) }
      #expect(!processes.contains(where: LaunchedProgram.isAlive))
    }

    /// Longer than the timeout: nobody is at fault, and the result is the undisturbed run's.
    @Test func aWholeJobThatIsStoppedGoesOn() throws {
      let files = try RunFiles()
      let (program, processes) = try start(files, ranks: 2, epochs: 2)
      for process in processes { kill(process, SIGSTOP) }
      sleep(5)
      for process in processes { kill(process, SIGCONT) }
      let outcome = try program.wait()
      #expect(outcome.code == 0, "\(outcome.errors)")
      #expect(try files.digests() == Programs.solo.get().digests())
    }
  }
}
