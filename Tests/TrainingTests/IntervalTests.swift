import Failures
import Fairness
import Foundation
import Recipes
import Synchronization
import Testing
import Training

extension TrainingTests {
  /// `fairness.interval`: prior and margins follow the counts of the interval that ended, wherever that is.
  @Suite struct Intervals {
    /// Three epochs of three steps.
    private static func recipe(_ interval: Int?, begin: Int = 1) -> Recipe {
      .small {
        $0.training.epochs = 3
        $0.fairness.begin = begin
        $0.fairness.interval = interval
        $0.evaluation.attack.set("steps", "0")
      }
    }

    /// An interval that ends with the epoch is the epoch, whole state and all; so is one that is longer.
    @Test(arguments: [1, 2]) func anIntervalOfAnEpochIsTheEpoch(begin: Int) throws {
      let epoch = try train(Self.recipe(nil, begin: begin))[0]
      for interval in [3, 4, 1000] {
        let trained = try train(Self.recipe(interval, begin: begin), ranks: 2)[0]
        #expect(trained.digests == epoch.digests, "\(interval)")
        #expect(trained.epochs.map(\.record) == epoch.epochs.map(\.record))
      }
      #expect(try train(Self.recipe(2, begin: begin))[0].digests[2] != epoch.digests[2])
    }

    /// By hand from the counts of each step: at every step from `begin` on the prior is the share in the false positives
    /// of the interval before, the margin (0.5 + t)·8, also where the interval before lies before `begin`.
    @Test(arguments: [(1, 1), (1, 2), (2, 1), (3, 2)]) func followsTheIntervalBefore(interval: Int, begin: Int) throws {
      let states = Mutex<[FairnessState]>([])
      _ = try train(Self.recipe(interval, begin: begin)) { state in
        let fairness = state.fairness
        states.withLock { $0.append(fairness) }
      }
      var last: ClassCounts?
      var prior = [Double](repeating: 0.1, count: 10)
      var margins = [Float](repeating: Float(8.0 / 255), count: 10)
      for (i, state) in states.withLock({ $0 }).enumerated() {
        let (epoch, step) = (i / 3, i % 3)
        if step % interval == 0, epoch >= begin, let counts = last {
          let errors = counts.falsePositives.reduce(0, +)
          prior = counts.falsePositives.map { errors == 0 ? 0.1 : Double($0) / Double(errors) }
          for k in 0..<10 where counts.examples[k] > 0 {
            let accuracy = Double(counts.correct[k]) / Double(counts.examples[k])
            margins[k] = Float((0.5 + accuracy) * 8 / 255)
          }
        }
        #expect(state.prior.probabilities == prior, "epoch \(epoch), step \(step)")
        #expect(zip(state.settings.margins, margins).allSatisfy { abs($0 - $1) < 1e-9 }, "epoch \(epoch), step \(step)")
        // Of the running interval, which is over after this step or not.
        if (step + 1) % interval == 0 || step == 2 { last = state.intervalCounts }
      }
      #expect(last.map { $0.total > 0 } == true)
    }

    /// Stopped in the first step, within an interval, at its end, and where an interval's and the epoch's end meet.
    @Test(arguments: [1, 2, 3]) func aStopWithinAnIntervalLeavesNothingOut(interval: Int) throws {
      var recipe = Self.recipe(interval)
      recipe.checkpoint.everySteps = 1
      let whole = try RunFiles()
      try runSession(whole, recipe, ranks: 2)
      let files = try RunFiles()
      // Three passes by 17 normalisations, forward and backward, and the small sums.
      let step = 3 * 34 + 1
      for exchange in [step + 5, step + 7, step / 2, 2 * step + 1] {
        try? FileManager.default.removeItem(atPath: "\(files.run)/lives.jsonl")
        let failure = #expect(throws: Failure.self) {
          try runSession(files, recipe, ranks: 1) { _ in .signal(atExchange: exchange) }
        }
        #expect(failure?.code == .requeue)
      }
      try runSession(files, recipe, ranks: 3)
      try files.checkEqual(to: whole, lastStep: 9)
    }
  }
}
