import Communication
import Failures
import LocalRanks
import Recipes
import Testing
import Training

extension TrainingTests {
  /// A run that is asked to stop at every single exchange, and goes on each time, is the undisturbed one.
  @Suite struct Interruptions {
    /// Blocks of two images: the shares of three ranks differ, the numbers of their blocks must not.
    private static let recipe = Recipe.small {
      $0.model.set("width", "4")
      $0.evaluation.every = 1
      $0.evaluation.averagesEvery = 1
      $0.evaluation.batch = 2
    }

    /// Asks to stop at exchange 0 of a step, at 1 when that step is tried again, and so on until it is done.
    private final class Asker: TrainingObserver {
      private var asked = 0
      private var target = 0
      private(set) var interruptions = 0
      private(set) var digests: [String] = []
      /// Of the state after each step, and after each epoch.
      private(set) var positions: [String] = []

      func request() -> StopRequest {
        defer { asked += 1 }
        return asked == target ? .signal : .none
      }

      func interrupted() {
        (asked, target, interruptions) = (0, target + 1, interruptions + 1)
      }

      private func moved(_ state: TrainingState) {
        positions.append(state.digest())
        (asked, target) = (0, 0)
      }

      func stepEnded(_ line: StepLine, of steps: Int, _ state: TrainingState) -> Bool {
        moved(state)
        return true
      }

      func epochEnded(_ line: EpochLine, _ state: TrainingState) -> Bool {
        moved(state)
        digests.append(line.digest)
        return true
      }
    }

    /// The exchanges of three passes by 17 normalisations forward and backward (of one, where the attack has none), and
    /// the small sums; four passes (clean, two steps, and to judge), and the ends of the clean and of the attacked round, for
    /// each block of validation and test under three kinds of weights.
    @Test(arguments: [
      (ranks: 1, asking: 0, statistics: 3, blocks: 5 + 4), (ranks: 2, asking: 1, statistics: 3, blocks: 3 + 2),
      (ranks: 3, asking: 2, statistics: 1, blocks: 2 + 2),
    ])
    func atEveryExchange(ranks: Int, asking: Int, statistics: Int, blocks: Int) throws {
      var recipe = Self.recipe
      if statistics == 1 { recipe.attack.batchStatistics = .running }
      let undisturbed = Recording()
      let whole = try train(
        recipe, eachStep: { undisturbed.add($0.digest()) }, eachEpoch: { undisturbed.add($0.digest()) })[0]
      let results = try LocalGroup.run(size: ranks) { [recipe] communicator in
        let run = try Run(recipe: recipe, communicator: communicator, threads: 1, trains: true)
        let trainer = Trainer(run, from: run.initialState())
        let asker = Asker()
        run.stop.interval = .zero
        if communicator.rank == asking { run.stop.request = asker.request }
        let start = trainer.state.digest()
        while true {
          do {
            try trainer.train(asker)
            return (asker.interruptions, asker.digests, asker.positions)
          } catch is Interruption {
            asker.interrupted()
            // Nothing of what was dropped is left.
            #expect(trainer.state.digest() == asker.positions.last ?? start)
          }
        }
      }
      for (interruptions, digests, positions) in results {
        #expect(interruptions == 6 * (34 * statistics + 1) + 2 * 3 * 6 * blocks)
        #expect(digests == whole.digests)
        #expect(positions == undisturbed.lines)
      }
    }

    /// Of several requests at the same exchange the greatest counts, on every rank.
    @Test func theGreatestRequestCounts() throws {
      let heard = try LocalGroup.run(size: 3) { communicator in
        let stop = StopAgreement()
        stop.request = { [.timeLimit, .file, .signal][communicator.rank] }
        do {
          try stop.agree(communicator)
          return StopRequest.none
        } catch let interruption as Interruption {
          return interruption.request
        }
      }
      #expect(heard == [.file, .file, .file])
    }

    /// An evaluation ends after the same block on every rank, whoever asks.
    @Test(arguments: [0, 1, 2]) func anEvaluationStopsAfterABlock(asking: Int) throws {
      let recipe = Recipe.small {
        $0.data.testCount = 40
        $0.evaluation.batch = 3
      }
      let judged = try LocalGroup.run(size: 3) { communicator in
        let run = try Run(recipe: recipe, communicator: communicator, threads: 1, trains: false)
        let state = run.initialState()
        var blocks = 0
        if communicator.rank == asking { run.stop.request = { blocks == 2 ? .signal : .none } }
        #expect(throws: Interruption(.signal)) {
          _ = try run.evaluator.evaluate(
            run.dataset.test, indices: Array(0..<40), state: state.model,
            attack: recipe.evaluationPlan(classes: run.network.classCount), seed: 0,
            purpose: .evaluationAttack, progress: { _, _ in blocks += 1 })
        }
        return blocks
      }
      #expect(judged == [2, 2, 2])
    }
  }
}

/// Lines that another thread writes.
final class Recording: @unchecked Sendable {
  private(set) var lines: [String] = []

  /// One thread at a time.
  func add(_ line: String) { lines.append(line) }
}
