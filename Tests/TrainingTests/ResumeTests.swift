import Checkpoints
import Communication
import Failures
import Foundation
import Methods
import Options
import Recipes
import Testing
import Training

extension TrainingTests {
  /// A run that was killed and taken up again equals the undisturbed one, bit for bit.
  @Suite struct Resumes {
    /// Two epochs of three steps; checkpoints after steps 2, 3 (end of an epoch), 4 and 6.
    static let recipe = Recipe.small { $0.checkpoint.everySteps = 2 }

    /// A session; with `death`, that rank dies in the collective so many calls after the log has so many lines.
    @discardableResult
    private func session(
      _ files: RunFiles, _ recipe: Recipe = Self.recipe, ranks: Int, threads: Int = 1, resume: ResumeRule = .auto,
      death: (rank: Int, lines: Int, calls: Int)? = nil
    ) throws -> EpochLine? {
      try runSession(
        files, recipe, ranks: ranks, threads: threads, resume: resume,
        wrap: { communicator in
          guard let death, death.rank == communicator.rank else { return communicator }
          let calls = Countdown(death.calls)
          return FailingCommunicator(communicator) {
            files.lines("metrics.jsonl").count >= death.lines && calls.isOver()
          }
        })
    }

    /// Counts the calls of one rank.
    private final class Countdown: @unchecked Sendable {
      private var left: Int
      init(_ calls: Int) { left = calls }
      func isOver() -> Bool {
        left -= 1
        return left < 0
      }
    }

    private static func undisturbed() throws -> RunFiles {
      let files = try RunFiles()
      try Resumes().session(files, ranks: 2)
      return files
    }

    /// Every method, killed in the middle of an epoch and taken up by other ranks.
    @Test(arguments: methods.names) func everyMethod(name: String) throws {
      let recipe = Recipe.small(method: name) { $0.checkpoint.everySteps = 1 }
      let (whole, files) = (try RunFiles(), try RunFiles())
      try session(whole, recipe, ranks: 2)
      #expect(throws: (any Error).self) {
        try session(files, recipe, ranks: 2, death: (rank: 1, lines: 5, calls: 3))
      }
      try session(files, recipe, ranks: 3)
      try files.checkEqual(to: whole)
    }

    /// AdamW's two moments are part of every checkpoint, and its steps are counted on.
    @Test func aTransformerWithAdamW() throws {
      let recipe = Recipe.small(network: "xcit-small", method: "trades") {
        $0.checkpoint.everySteps = 1
        $0.training.optimizer = Choice("adamw")
        $0.training.learningRate = "1e-3"
        $0.training.weightDecay = "0.5"
      }
      let (whole, files) = (try RunFiles(), try RunFiles())
      try session(whole, recipe, ranks: 2)
      #expect(throws: (any Error).self) {
        try session(files, recipe, ranks: 2, death: (rank: 1, lines: 5, calls: 3))
      }
      try session(files, recipe, ranks: 3)
      try files.checkEqual(to: whole)
      let steps = try files.names("checkpoints")
      let moments = try SafetensorsFile("\(files.run)/checkpoints/\(steps.max()!)/optimizer.safetensors")
      #expect(moments.outlines.contains { $0.name == "second-moment.blocks.0.attn.qkv.weight" })
    }

    /// What each example was last taken for is part of every checkpoint.
    @Test func priorsOfExamples() throws {
      let recipe = Recipe.small(method: "fairtat") {
        $0.checkpoint.everySteps = 1
        $0.fairness.prior = "sample"
      }
      let (whole, files) = (try RunFiles(), try RunFiles())
      try session(whole, recipe, ranks: 2)
      // Once in the first epoch, with examples not seen yet, once in the second.
      for lines in [2, 5] {
        #expect(throws: (any Error).self) {
          try session(files, recipe, ranks: 2, death: (rank: 1, lines: lines, calls: 3))
        }
      }
      try session(files, recipe, ranks: 3)
      try files.checkEqual(to: whole)
    }

    /// A run that is stopped before its first step is done goes on as if it had not been, although FRL's validation
    /// has changed the weights of the classes already.
    @Test func policiesBeginOnce() throws {
      let recipe = Recipe.small(method: "frl-remargin") { $0.checkpoint.everySteps = 1 }
      let (whole, files) = (try RunFiles(), try RunFiles())
      try session(whole, recipe, ranks: 2)
      for exchange in [8, 20, 30] {
        _ = try? runSession(files, recipe, ranks: 1) { _ in .signal(atExchange: exchange) }
      }
      try session(files, recipe, ranks: 3)
      try files.checkEqual(to: whole)
    }

    private struct Line: Decodable {
      let kind: String
      let step: Int
      let loss: Double?
    }

    @Test func theLogIsThatOfTheTrainer() throws {
      let files = try Self.undisturbed()
      let trained = try train(Self.recipe)[0]
      #expect(try files.digests() == trained.digests)
      let lines = try files.lines("metrics.jsonl").map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
      #expect(lines.filter { $0.kind == "step" }.map(\.loss) == trained.steps.map(\.loss))
      #expect(lines.map(\.step) == [1, 2, 3, 3, 4, 5, 6, 6])
      #expect(try files.names().contains { $0.contains(".cut-") } == false)
      #expect(try files.names("checkpoints").filter { $0.hasPrefix("step-") }.count >= 2)
    }

    /// Deaths before any checkpoint, between two, right before and after one, in the validation at the end of an epoch; on
    /// each rank; taken up on another number of ranks. Steps log a line, as does each epoch.
    @Test(arguments: [
      (rank: 0, lines: 1, calls: 0, before: 2, after: 3, cut: 1),
      (rank: 1, lines: 2, calls: 40, before: 3, after: 1, cut: 0),
      (rank: 1, lines: 3, calls: 3, before: 2, after: 5, cut: 1),
      (rank: 0, lines: 4, calls: 2, before: 3, after: 4, cut: 2),
      (rank: 0, lines: 4, calls: 9, before: 3, after: 2, cut: 0),
      (rank: 2, lines: 6, calls: 70, before: 5, after: 8, cut: 1),
      (rank: 0, lines: 7, calls: 4, before: 1, after: 2, cut: 2),
    ])
    func afterADeath(rank: Int, lines: Int, calls: Int, before: Int, after: Int, cut: Int) throws {
      let whole = try Self.undisturbed()
      let files = try RunFiles()
      #expect(throws: (any Error).self) {
        try session(files, ranks: before, death: (rank, lines, calls))
      }
      #expect(try files.digests().count == (lines > 3 ? 1 : 0))
      let last = try session(files, ranks: after, threads: 2)
      #expect(last?.digest == (try whole.digests().last))
      try files.checkEqual(to: whole)
      #expect(files.lines("metrics.jsonl.cut-1").count == cut)
    }

    /// The newest checkpoint is damaged: the one before is taken, and what it made void is kept aside.
    @Test func afterADeathAndDamage() throws {
      let whole = try Self.undisturbed()
      let files = try RunFiles()
      #expect(throws: (any Error).self) { try session(files, ranks: 2, death: (rank: 0, lines: 6, calls: 0)) }
      let file = "\(files.run)/checkpoints/step-4/ema.safetensors"
      var bytes = try Data(contentsOf: URL(fileURLWithPath: file))
      bytes[bytes.count - 5] ^= 1
      try bytes.write(to: URL(fileURLWithPath: file))
      try session(files, ranks: 3)
      try files.checkEqual(to: whole)
      // Steps 4 and 5.
      #expect(files.lines("metrics.jsonl.cut-1").count == 2)
      #expect(try files.names("checkpoints").contains("set-aside-step-4"))
    }

    /// Twice killed, three numbers of ranks.
    @Test func afterTwoDeaths() throws {
      let whole = try Self.undisturbed()
      let files = try RunFiles()
      #expect(throws: (any Error).self) { try session(files, ranks: 2, death: (rank: 0, lines: 3, calls: 5)) }
      #expect(throws: (any Error).self) { try session(files, ranks: 3, death: (rank: 1, lines: 6, calls: 50)) }
      try session(files, ranks: 4)
      try files.checkEqual(to: whole)
      #expect(
        try files.names().filter { $0.hasPrefix("metrics.jsonl.cut-") } == [
          "metrics.jsonl.cut-1", "metrics.jsonl.cut-2",
        ])
    }

    /// A kill, or a full disk, between the making of the table and its first line, or in the middle of that.
    @Test(arguments: ["", "epoch,st"]) func afterAnEndBeforeTheHeadOfTheTable(text: String) throws {
      let whole = try Self.undisturbed()
      let files = try RunFiles()
      try FileManager.default.createDirectory(atPath: files.run, withIntermediateDirectories: true)
      try Data(text.utf8).write(to: URL(fileURLWithPath: "\(files.run)/classes.csv"))
      try session(files, ranks: 2)
      #expect(files.lines("classes.csv").first?.hasPrefix("epoch,step,") == true)
      #expect(try files.text("classes.csv") == whole.text("classes.csv"))
    }

    @Test func aFinishedRunIsLeftAlone() throws {
      let files = try Self.undisturbed()
      let before = try files.text("metrics.jsonl")
      #expect(try session(files, ranks: 3) == nil)
      #expect(try files.text("metrics.jsonl") == before)
      let error = #expect(throws: Failure.self) { try session(files, ranks: 2, resume: .never) }
      #expect(error?.code == .cannotCreate)
    }

    /// What changes the result is refused by name; what does not is free.
    @Test func anotherRecipeIsRefused() throws {
      let files = try RunFiles()
      #expect(throws: (any Error).self) { try session(files, ranks: 2, death: (rank: 0, lines: 5, calls: 0)) }
      var other = Self.recipe
      other.model.set("width", "16")
      other.fairness.lambda = "0.7"
      let error = #expect(throws: Failure.self) { try session(files, other, ranks: 2) }
      #expect(error?.code == .configuration)
      #expect(error?.message.contains("model.width, fairness.lambda") == true)
      let missing = #expect(throws: Failure.self) { try session(RunFiles(), ranks: 1, resume: .must) }
      #expect(missing?.code == .configuration)
      var free = Self.recipe
      free.checkpoint.everySteps = 1
      free.evaluation.batch = 5
      free.training.logEvery = 2
      #expect(try session(files, free, ranks: 2)?.digest == (try Self.undisturbed().digests().last))
    }
  }
}
