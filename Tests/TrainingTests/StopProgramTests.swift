import Foundation
import Launching
import Testing

extension TrainingTests {
  /// The program under mpirun, stopped in all that it does.
  @Suite(.enabled(if: Launcher.mpirun != nil, "mpirun is not installed"))
  struct StoppedPrograms {
    /// A disk that takes a second for each file of the first checkpoint.
    private static let slowDisk = """
      #define _GNU_SOURCE
      #include <dlfcn.h>
      #include <stdio.h>
      #include <string.h>
      #include <unistd.h>
      int fsync(int file) {
        char name[64], path[4096] = "";
        snprintf(name, sizeof name, "/proc/self/fd/%d", file);
        if (readlink(name, path, sizeof path - 1) > 0 && strstr(path, "/.step-2.")) sleep(1);
        return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(file);
      }
      """

    private static let compiler = ["/usr/bin/cc", "/usr/bin/gcc", "/usr/bin/clang"].first {
      FileManager.default.isExecutableFile(atPath: $0)
    }

    private func compile(_ source: String, in folder: String) throws -> String {
      let library = "\(folder)/slow.so"
      try source.write(toFile: "\(folder)/slow.c", atomically: true, encoding: .utf8)
      let process = try Process.run(
        URL(fileURLWithPath: Self.compiler!),
        arguments: ["-shared", "-fPIC", "-o", library, "\(folder)/slow.c", "-ldl"])
      process.waitUntilExit()
      #expect(process.terminationStatus == 0)
      return library
    }

    /// Many signals to both ranks while a checkpoint is written: it becomes whole, and so does the last one.
    @Test(.enabled(if: compiler != nil, "no C compiler")) func whileACheckpointIsWritten() throws {
      let (files, plain) = (try RunFiles(), try RunFiles())
      let library = try compile(Self.slowDisk, in: files.path)
      let program = try LaunchedProgram(
        ranks: 2, Programs.train(files, ["checkpoint.every-steps=2"]), variables: ["LD_PRELOAD": library])
      func isWriting() -> Bool {
        ((try? files.names("checkpoints")) ?? []).contains { $0.hasPrefix(".step-2.partial") }
      }
      program.wait(until: isWriting)
      // Training goes on meanwhile.
      let lines = files.lines("metrics.jsonl").count
      program.wait { files.lines("metrics.jsonl").count > lines || !isWriting() }
      #expect(files.lines("metrics.jsonl").count > lines && isWriting())
      for _ in 0..<5 {
        program.signal(SIGUSR1)
        try program.signal(SIGUSR2, rank: 0)
        usleep(20_000)
      }
      let stopped = try program.wait()
      #expect(stopped.code == 75 && stopped.ownErrors.count == 1, "\(stopped.errors)")
      #expect(try files.names("checkpoints").allSatisfy { $0.hasPrefix("step-") })
      #expect(try LaunchedProgram.run(ranks: 2, Programs.train(files)).code == 0)
      #expect(try LaunchedProgram.run(ranks: nil, Programs.train(plain)).code == 0)
      #expect(try files.digests() == plain.digests())
      #expect(try files.timelessMetrics() == plain.timelessMetrics())
    }

    /// A validation of some seconds is left in the middle of a block, and done again.
    @Test func inValidation() throws {
      let (files, plain) = (try RunFiles(), try RunFiles())
      let settings = ["evaluation.attack.steps=60", "training.epochs=1", "data.test-count=10"]
      let program = try LaunchedProgram(ranks: 2, Programs.train(files, settings))
      program.wait { files.lines("metrics.jsonl").count >= 6 }
      try program.signal(SIGUSR1, rank: 1)
      let stopped = try program.wait()
      #expect(stopped.code == 75, "\(stopped.errors)")
      #expect(try files.names("checkpoints").last == "step-6" && files.lines("metrics.jsonl").count == 6)
      #expect(try LaunchedProgram.run(ranks: 3, Programs.train(files, settings)).code == 0)
      #expect(try LaunchedProgram.run(ranks: nil, Programs.train(plain, settings)).code == 0)
      #expect(try files.digests() == plain.digests())
      #expect(try files.timelessMetrics() == plain.timelessMetrics())
    }

    /// A run of many epochs ends in time; rank 0's clock and the batch system's variable decide. The variable's end comes
    /// later: a program that starts after it would take it for another job's.
    @Test(arguments: [true, false]) func beforeTheTimeIsOver(slurm: Bool) throws {
      let files = try RunFiles()
      let start = Date()
      let end = slurm ? ["SLURM_JOB_END_TIME": "\(Int(start.timeIntervalSince1970) + 15)"] : [:]
      let program = try LaunchedProgram(
        ranks: 2, Programs.train(files, ["training.epochs=500"]) + ["--max-wall", slurm ? "1h" : "6"], variables: end)
      let stopped = try program.wait()
      let source = slurm ? "the end of the SLURM job" : "--max-wall"
      #expect(stopped.code == 75 && stopped.ownErrors.count == 1, "\(stopped.errors)")
      #expect(stopped.ownErrors.first?.contains("for \(source); start the same command again") == true)
      #expect(stopped.output.contains("(\(source)): this run stops for a checkpoint"))
      #expect(try !files.names("checkpoints").isEmpty)
    }

    @Test func byTheFile() throws {
      let files = try RunFiles()
      let program = try LaunchedProgram(ranks: 2, Programs.train(files, ["training.epochs=500"]))
      program.wait { files.lines("metrics.jsonl").count >= 2 }
      _ = FileManager.default.createFile(atPath: "\(files.run)/STOP", contents: nil)
      let stopped = try program.wait()
      #expect(stopped.code == 0 && stopped.errors.isEmpty, "\(stopped.errors)")
      #expect(stopped.output.contains("STOP is named STOPPED; start the same command again to go on"))
      #expect(try files.names().filter { $0.hasPrefix("STOP") } == ["STOPPED"])
      #expect(try !files.names("checkpoints").isEmpty)
    }

    /// An evaluation of hours has nothing to keep.
    @Test(arguments: [nil, 2]) func anEvaluation(ranks: Int?) throws {
      let files = try Programs.solo.get()
      let program = try LaunchedProgram(
        ranks: ranks,
        ["evaluate", "--checkpoint", files.run, "--restarts", "1000", "--steps", "1000", "--threads", "1"])
      func processes() -> [Int32] { ranks == nil ? [program.process.processIdentifier] : program.ranks }
      program.wait {
        processes().count == ranks ?? 1 && processes().allSatisfy { LaunchedProgram.handles(SIGUSR1, $0) }
      }
      program.signal(SIGUSR1)
      let stopped = try program.wait()
      #expect(stopped.code == 75 && stopped.ownErrors.count == 1, "\(stopped.errors)")
      #expect(stopped.ownErrors.first?.contains("an evaluation keeps nothing") == true)
    }
  }
}
