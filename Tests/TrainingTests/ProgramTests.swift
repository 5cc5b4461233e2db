import Foundation
import Launching
import Testing

extension TrainingTests {
  /// The program under mpirun: the same digests on any ranks, after signals and kills; `evaluate` repeats its numbers.
  @Suite(.enabled(if: Launcher.mpirun != nil, "mpirun is not installed"))
  struct Programs {
    /// 200 images of 16x16 in batches of 32 (8 shards of 4, the last batch of 6 images), validation and averages.
    static let settings = [
      "model.width=8", "data.size=16", "data.train-count=200", "data.test-count=50", "data.validation=0.05",
      "augmentation.crop=2", "training.epochs=2", "training.batch-size=32", "training.shards=8",
      "training.log-every=1", "attack.steps=3", "averaging.start=0", "averaging.fawa-threshold=0",
      "evaluation.attack.steps=3", "checkpoint.every-steps=3", "engine.threads=1",
    ]

    static func train(_ files: RunFiles, _ more: [String] = []) -> [String] {
      ["train", "--run", files.run] + (settings + more).flatMap { ["--set", $0] }
    }

    /// The run of one process without MPI.
    static let solo = Result { () throws -> RunFiles in
      let files = try RunFiles()
      let outcome = try LaunchedProgram.run(ranks: nil, train(files))
      #expect(outcome.code == 0, "\(outcome.errors)")
      return files
    }

    private func checkEqualToSolo(_ files: RunFiles) throws {
      let solo = try Self.solo.get()
      #expect(try files.digests() == solo.digests())
      #expect(try files.timelessMetrics() == solo.timelessMetrics())
      #expect(try files.text("classes.csv") == solo.text("classes.csv"))
    }

    @Test(arguments: 1...4) func digestsOfRanks(ranks: Int) throws {
      let files = try RunFiles()
      let outcome = try LaunchedProgram.run(ranks: ranks, Self.train(files))
      #expect(outcome.code == 0, "\(outcome.errors)")
      #expect(try files.digests().count == 2 && Set(files.digests()).count == 2)
      try checkEqualToSolo(files)
    }

    /// Other algorithms, statistics, threads and methods, under mpirun.
    @Test(arguments: [
      (3, ["engine.convolution=winograd", "engine.threads=2"]),
      (2, ["engine.convolution=direct", "attack.batch-statistics=running", "method.name=at"]),
      (4, ["method.name=fairtat-trades", "fairness.prior=sample"]), (3, ["method.name=bat"]),
      (2, ["method.name=wat"]), (3, ["method.name=fairtat-fat"]),
    ])
    func digestsOfOtherEngines(ranks: Int, settings: [String]) throws {
      let (solo, files) = (try RunFiles(), try RunFiles())
      for (count, files) in [(nil, solo), (ranks, files)] {
        let outcome = try LaunchedProgram.run(ranks: count, Self.train(files, settings + ["training.epochs=1"]))
        #expect(outcome.code == 0, "\(outcome.errors)")
      }
      #expect(try files.digests().count == 1 && files.digests() == solo.digests())
    }

    /// MPI's own sum: the ranks agree, and a resume along the tree is refused.
    @Test func sumsByMPI() throws {
      let files = try RunFiles()
      let outcome = try LaunchedProgram.run(
        ranks: 3, Self.train(files, ["engine.reduction=mpi", "training.epochs=1"]))
      #expect(outcome.code == 0, "\(outcome.errors)")
      #expect(try files.digests().count == 1)
      let refused = try LaunchedProgram.run(ranks: 3, Self.train(files, ["training.epochs=1"]))
      #expect(refused.code == 78 && refused.ownErrors.first?.contains("engine.reduction") == true)
    }

    /// A rank, or mpirun itself, dies of SIGKILL: all end, and the same command goes on, on another number of ranks.
    @Test(arguments: [0, 1, nil]) func afterAKill(victim: Int?) throws {
      let files = try RunFiles()
      let program = try LaunchedProgram(ranks: 2, Self.train(files))
      // A checkpoint comes after step 3, from a thread of its own.
      program.wait {
        files.lines("metrics.jsonl").count >= (victim == 1 ? 7 : 4)
          && (try? files.names("checkpoints").contains { $0.hasPrefix("step-") }) == true
      }
      let ranks = program.ranks
      if let victim { try program.signal(SIGKILL, rank: victim) } else { program.signal(SIGKILL) }
      let killed = try program.wait()
      #expect(killed.code != 0 && ranks.count == 2)
      let end = Date(timeIntervalSinceNow: 120)
      while ranks.contains(where: LaunchedProgram.isAlive) && Date() < end { usleep(10_000) }
      // Ranks whose mpirun died may get to the end of so short a run before they notice.
      let isFinished = try files.metrics("epoch").count == 2
      #expect(victim == nil || !isFinished)
      let before = files.lines("metrics.jsonl").count
      let outcome = try LaunchedProgram.run(ranks: 3, Self.train(files))
      #expect(outcome.code == 0, "\(outcome.errors)")
      if isFinished {
        #expect(outcome.output.contains("is finished"), "\(outcome.output)")
      } else {
        #expect(outcome.output.contains("going on from step"), "\(outcome.output)")
      }
      #expect(victim == nil || outcome.output.contains("taking over the lock"))
      try checkEqualToSolo(files)
      let cut = files.lines("metrics.jsonl.cut-1").count
      #expect(cut < before)
    }

    /// SIGUSR1 to mpirun, which hands it on, or to one rank alone: a checkpoint, 75, and the same command goes on.
    @Test(arguments: [nil, 1]) func afterASignal(rank: Int?) throws {
      let files = try RunFiles()
      let program = try LaunchedProgram(
        ranks: 2, Self.train(files, ["checkpoint.every-steps=0", "checkpoint.every-epochs=0"]))
      program.wait { files.lines("metrics.jsonl").count >= 2 }
      if let rank { try program.signal(SIGUSR1, rank: rank) } else { program.signal(SIGUSR1) }
      let stopped = try program.wait()
      #expect(stopped.code == 75, "\(stopped.errors)")
      #expect(stopped.ownErrors.count == 1 && stopped.ownErrors[0].contains("checkpointed at step"))
      #expect(try files.names("checkpoints").count == 1)
      #expect(try files.metrics("epoch").count < 2)
      let outcome = try LaunchedProgram.run(ranks: 2, Self.train(files))
      #expect(outcome.code == 0, "\(outcome.errors)")
      try checkEqualToSolo(files)
      // Nothing was lost.
      #expect(try files.names().contains { $0.contains(".cut-") } == false)
    }

    /// A hundred steps on ranks of MPI take no memory that the steps before them have not taken. (The thread that writes
    /// checkpoints takes some, now more, now less.)
    @Test func aHundredStepsTakeNoMemory() throws {
      let files = try RunFiles()
      let program = try LaunchedProgram(
        ranks: 2,
        Self.train(
          files,
          [
            "data.train-count=4800", "data.validation=0", "averaging.fawa=false", "averaging.ema=false",
            "attack.steps=1", "checkpoint.every-steps=0",
          ]
        ))
      program.wait { files.lines("metrics.jsonl").count >= 20 }
      let before = program.ranks.map(LaunchedProgram.privateMemory)
      program.wait { files.lines("metrics.jsonl").count >= 121 }
      let after = program.ranks.map(LaunchedProgram.privateMemory)
      program.signal(SIGUSR1)
      #expect(try program.wait().code == 75)
      #expect(before.count == 2 && after.count == 2 && before.allSatisfy { $0 > 1 << 20 })
      for (before, after) in zip(before, after) { #expect(after <= before + 1 << 16, "\(before) to \(after) bytes") }
    }

    /// The same of a process without MPI.
    @Test func aloneAfterASignal() throws {
      let files = try RunFiles()
      let program = try LaunchedProgram(ranks: nil, Self.train(files))
      program.wait { files.lines("metrics.jsonl").count >= 4 }
      program.signal(SIGUSR1)
      let stopped = try program.wait()
      #expect(stopped.code == 75 && stopped.ownErrors.count == 1, "\(stopped.errors)")
      #expect(try LaunchedProgram.run(ranks: nil, Self.train(files)).code == 0)
      try checkEqualToSolo(files)
    }

    @Test(arguments: [nil, 2]) func aFinishedRunSaysSo(ranks: Int?) throws {
      let files = try Self.solo.get()
      let metrics = try files.text("metrics.jsonl")
      let outcome = try LaunchedProgram.run(ranks: ranks, Self.train(files))
      #expect(outcome.code == 0 && outcome.output.contains("is finished: 2 epochs, 12 steps"))
      #expect(try files.text("metrics.jsonl") == metrics)
    }

    @Test func anotherWidthIsRefused() throws {
      let files = try Self.solo.get()
      let outcome = try LaunchedProgram.run(ranks: 2, Self.train(files, ["model.width=16"]))
      #expect(outcome.code == 78)
      #expect(outcome.ownErrors.count == 1 && outcome.ownErrors[0].contains("model.width"))
    }

    // MARK: - evaluate

    private static let keys = [
      "clean_accuracy", "robust_accuracy", "clean_worst", "robust_worst", "class_clean", "class_robust",
    ]

    private func evaluate(ranks: Int?, _ files: RunFiles, _ arguments: [String]) throws -> [String: Any] {
      let file = "\(files.path)/evaluation.json"
      try? FileManager.default.removeItem(atPath: file)
      let outcome = try LaunchedProgram.run(
        ranks: ranks, ["evaluate", "--checkpoint", files.run, "--json", file] + arguments)
      #expect(outcome.code == 0, "\(outcome.errors)")
      let results = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: file)))
      return try #require((results as? [[String: Any]])?.first)
    }

    private func isEqual(_ a: [String: Any], _ b: [String: Any], _ keys: [String] = keys) -> Bool {
      keys.allSatisfy { a[$0] != nil && (a[$0] as? NSObject) == (b[$0] as? NSObject) }
    }

    /// The numbers of the run's last epoch line, for the raw weights and the averages, on any ranks.
    @Test(arguments: ["raw", "ema", "fawa"]) func evaluateRepeatsTheEpochLine(weights: String) throws {
      let files = try Self.solo.get()
      let test = try #require(try files.metrics("epoch").last?["test"] as? [String: [String: Any]])
      let line = try #require(test[weights])
      for ranks in weights == "raw" ? [nil, 2, 3] : [2] {
        let result = try evaluate(ranks: ranks, files, ["--weights", weights])
        #expect(isEqual(result, line), "\(weights), \(ranks ?? 0)")
        #expect(result["count"] as? Int == 50 && result["attack"] as? String == "PGD-3")
      }
    }

    @Test func evaluateTakesAsManyAndAsHardAsAsked() throws {
      let files = try Self.solo.get()
      let all = try evaluate(ranks: nil, files, [])
      let blocks = try evaluate(ranks: nil, files, ["--batch", "3", "--threads", "2"])
      #expect(isEqual(all, blocks, Self.keys + ["confusion", "clean_confusion"]))
      let some = try evaluate(ranks: 2, files, ["--limit", "20"])
      #expect(some["count"] as? Int == 20)
      #expect(isEqual(some, try evaluate(ranks: nil, files, ["--limit", "20", "--batch", "7"])))
      let hard = try evaluate(ranks: nil, files, ["--restarts", "3"])
      #expect(hard["attack"] as? String == "PGD-3x3")
      #expect(isEqual(hard, all, ["clean_accuracy", "clean_confusion"]))
      for (before, after) in zip(all["class_robust"] as? [Double] ?? [], hard["class_robust"] as? [Double] ?? []) {
        #expect(after <= before)
      }
      let none = try evaluate(ranks: nil, files, ["--epsilon", "0"])
      #expect(isEqual(["confusion": none["clean_confusion"] as Any], none, ["confusion"]))
    }
  }
}
