import Checkpoints
import Failures
import Foundation
import Recipes
import Testing
import Training

extension TrainingTests {
  /// Runs taken back to an earlier step, with other keys or more epochs.
  @Suite struct Rewinds {
    /// Two epochs of three steps, every step a checkpoint, all of them kept.
    static let recipe = Recipe.small {
      $0.checkpoint.everySteps = 1
      $0.checkpoint.keep = 100
    }

    private static func gentler(_ change: (inout Recipe) -> Void = { _ in }) -> Recipe {
      var recipe = recipe
      recipe.training.learningRate = "0.05"
      change(&recipe)
      return recipe
    }

    private struct Life: Decodable {
      struct Change: Decodable, Equatable {
        let path, before, after: String
      }
      let event: String
      let changes: [Change]?
    }

    private func lives(_ files: RunFiles) throws -> [Life] {
      try files.lines("lives.jsonl").map { try JSONDecoder().decode(Life.self, from: Data($0.utf8)) }
    }

    private func failure(_ body: () throws -> Void) -> Failure? {
      do { try body() } catch { return error as? Failure }
      return nil
    }

    /// Step 4 with another rate, then killed before it got far, then taken up by the same command: the same as in one go,
    /// and before step 4 the same as the run there was.
    @Test func goesBackOnceAndThenOn() throws {
      let files = try RunFiles()
      try runSession(files, Self.recipe, ranks: 2)
      let before = try files.timelessMetrics()
      let refusal = failure { _ = try runSession(files, Self.gentler(), ranks: 1) }
      #expect(refusal?.message.contains("--rewind last") == true)

      let whole = try RunFiles()
      try FileManager.default.copyItem(atPath: files.path, toPath: whole.path + "/copy")
      try FileManager.default.moveItem(atPath: whole.path + "/copy/run", toPath: whole.run)
      try runSession(whole, Self.gentler(), ranks: 3, resume: .rewind(.step(4)))

      #expect(throws: (any Error).self) {
        try runSession(
          files, Self.gentler(), ranks: 2, resume: .rewind(.step(4)), surround: { _ in .signal(atExchange: 30) })
      }
      for _ in 0..<2 {
        _ = try runSession(files, Self.gentler(), ranks: 1, resume: .rewind(.step(4)))
      }
      try files.checkEqual(to: whole)
      #expect(try files.timelessMetrics().prefix(5) == before.prefix(5))
      let rates = try files.metrics("step").compactMap { $0["learning_rate"] as? Double }
      for (rate, expected) in zip(rates, [0.1, 0.1, 0.1, 0.01, 0.005, 0.005]) { #expect(abs(rate - expected) < 1e-9) }
      let rewinds = try lives(files).filter { $0.event == "rewound" }
      #expect(rewinds.count == 1)
      #expect(rewinds.first?.changes == [.init(path: "training.learning-rate", before: "0.1", after: "0.05")])
      let aside = try files.names("checkpoints").filter { $0.hasPrefix("set-aside") }
      #expect(aside == ["set-aside-step-5", "set-aside-step-6"])
    }

    /// A run of two epochs that gets a third equals, in its third epoch, nothing but itself; its first two are kept.
    @Test func aFinishedRunGetsMoreEpochs() throws {
      let files = try RunFiles()
      try runSession(files, Self.recipe, ranks: 2)
      let before = try files.timelessMetrics()
      var longer = Self.recipe
      longer.training.epochs = 3
      #expect(try runSession(files, longer, ranks: 1, resume: .rewind(.last))?.epoch == 2)
      #expect(try files.timelessMetrics().prefix(before.count) == before[...])
      #expect(try files.digests().count == 3)
      // Finished again, by the same command and without the option.
      #expect(try runSession(files, longer, ranks: 1, resume: .rewind(.last)) == nil)
      #expect(try runSession(files, longer, ranks: 1) == nil)
      #expect(try files.text("recipe.resolved.yaml").contains("epochs: 3"))
    }

    /// From the beginning everything may change, and the result is that of a new run.
    @Test func beginsAnew() throws {
      let files = try RunFiles()
      let other = Self.gentler {
        $0.model.set("width", "16")
        $0.training.seed = 5
      }
      try runSession(files, Self.recipe, ranks: 1)
      try runSession(files, other, ranks: 2, resume: .rewind(.step(0)))
      let fresh = try RunFiles()
      try runSession(fresh, other, ranks: 1)
      #expect(try files.timelessMetrics() == fresh.timelessMetrics())
      #expect(try files.text("best.json") == fresh.text("best.json"))
    }

    @Test func refusesWhatItCannotKeep() throws {
      let files = try RunFiles()
      let nothing = failure { _ = try runSession(files, Self.recipe, ranks: 1, resume: .rewind(.step(3))) }
      #expect(nothing?.code == .configuration)
      try runSession(files, Self.recipe, ranks: 1)
      let names = try files.names("checkpoints")
      for (target, recipe, words) in [
        (RewindTarget.step(9), Self.gentler(), "no checkpoint of step 9; there are 1, 2, 3, 4, 5, 6"),
        (.step(4), Self.gentler { $0.training.seed = 1 }, "training.seed cannot change within a run"),
        (.last, Self.gentler { $0.attack.steps = 3 }, "attack.steps cannot change within a run"),
        (.last, Self.gentler(), "raise training.epochs"),
      ] {
        let failure = failure { _ = try runSession(files, recipe, ranks: 2, resume: .rewind(target)) }
        #expect(failure?.code == .configuration && failure?.message.contains(words) == true, "\(failure as Any)")
      }
      #expect(try files.names("checkpoints") == names)
    }

    /// The line about a loss that is no number names a way that works there and then.
    @Test func theAdviceAfterADivergenceWorks() throws {
      let files = try RunFiles()
      var wild = Self.recipe
      wild.training.learningRate = "1e12"
      // Rank 0 sees the checkpoints, and speaks where several ranks fail.
      let failure = failure { _ = try runSession(files, wild, ranks: 1) }
      #expect(failure?.code == .internal && failure?.message.contains("--rewind 0") == true, "\(failure as Any)")
      #expect(try runSession(files, Self.gentler(), ranks: 2, resume: .rewind(.step(0)))?.epoch == 1)
    }

    /// Weights that overflow in the last step of an epoch have no loss yet that could tell. With one step an epoch every
    /// step is the last one.
    @Test func theEndOfAnEpochLooksAtTheWeights() throws {
      let files = try RunFiles()
      var recipe = Self.recipe
      recipe.checkpoint.everySteps = 0
      recipe.training.batchSize = 62
      recipe.training.shards = nil
      recipe.training.epochs = 10
      recipe.training.milestones = []
      recipe.training.learningRate = "1e12"
      // What validation finds comes later.
      recipe.evaluation.validationEvery = 0
      recipe.averaging.fawa = false
      recipe.averaging.ema = false
      let failure = failure { _ = try runSession(files, recipe, ranks: 1) }
      #expect(failure?.code == .internal)
      #expect(
        failure?.message.contains("the weights overflowed in the last step of epoch") == true, "\(failure as Any)")
    }

    @Test(arguments: [
      ("0", RewindTarget.step(0)), ("17", .step(17)), ("last", .last), ("-1", nil), ("", nil), ("Last", nil),
      ("1e3", nil),
    ])
    func targets(text: String, target: RewindTarget?) { #expect(RewindTarget(text) == target) }

    /// Some checkpoints say when, too.
    @Test func recordsWithATimeAreRead() throws {
      let json = #"{"from":6,"to":4,"changes":[],"time":"2026-01-01T00:00:00Z"}"#
      let rewind = try JSONDecoder().decode(Rewind.self, from: Data(json.utf8))
      #expect(rewind.from == 6 && rewind.to == 4 && rewind.changes.isEmpty)
    }

    @Test func everyKeyThatMayChangeIsOne() {
      #expect(Recipe.amendable.isSubset(of: Recipe.fields.map(\.path)))
    }
  }
}
