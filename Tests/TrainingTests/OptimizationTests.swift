import Communication
import Foundation
import Recipes
import Synchronization
import Testing
import Training

extension TrainingTests {
  /// Schedules by steps, Nesterov's momentum and clipped gradients: on any ranks, after a kill, and in what they do.
  @Suite struct Optimizations {
    /// Two epochs of three steps; checkpoints after every second step.
    static let recipe = Recipe.small {
      $0.checkpoint.everySteps = 2
      $0.training.schedule = .cosine
      $0.training.warmUp = "1/2"
      $0.training.nesterov = true
      $0.training.clipNorm = "1/2"
      $0.training.learningRateScaling = .sqrt
    }

    @Test func theSameBitsOnAnyRanksAndThreads() throws {
      let reference = try train(Self.recipe)[0]
      for (ranks, threads) in [(1, 2), (2, 1), (3, 1), (3, 2)] {
        for trained in try train(Self.recipe, ranks: ranks, threads: threads) {
          #expect(trained.digests == reference.digests, "\(ranks) ranks, \(threads) threads")
          #expect(trained.steps.map(\.learningRate) == reference.steps.map(\.learningRate))
        }
      }
    }

    @Test func eachKeyChangesTheResult() throws {
      let changes: [(inout Recipe) -> Void] = [
        { _ in }, { $0.training.schedule = .milestones }, { $0.training.schedule = .oneCycle },
        { $0.training.warmUp = "1" }, { $0.training.nesterov = false }, { $0.training.clipNorm = nil },
        { $0.training.clipNorm = "1/4" }, { $0.training.learningRateScaling = .linear },
      ]
      let digests = try changes.map { change in
        var recipe = Self.recipe
        change(&recipe)
        return try train(recipe)[0].digests.last!
      }
      #expect(Set(digests).count == changes.count)
    }

    /// A signal in the second step, and in the second of the second epoch; taken up on other ranks. A step has 103
    /// exchanges: three passes by 17 normalisations, forward and backward, and the small sums.
    @Test(arguments: [(exchange: 153, step: 1, before: 2, after: 3), (exchange: 460, step: 4, before: 1, after: 2)])
    func afterASignal(exchange: Int, step: Int, before: Int, after: Int) throws {
      let whole = try RunFiles()
      try runSession(whole, Self.recipe, ranks: 2)
      let files = try RunFiles()
      #expect(throws: (any Error).self) {
        try runSession(files, Self.recipe, ranks: before, surround: { _ in .signal(atExchange: exchange) })
      }
      let written = try files.names("checkpoints").compactMap { Int($0.dropFirst("step-".count)) }
      #expect(written.max() == step, "\(written)")
      try runSession(files, Self.recipe, ranks: after, threads: 2)
      try files.checkEqual(to: whole)
    }

    /// Without momentum and decay a step is the rate times the gradient, and that is as long as it may be.
    @Test func stepsAreAsLongAsTheyMayBe() throws {
      let recipe = Recipe.small {
        $0.training.momentum = "0"
        $0.training.weightDecay = "0"
        $0.training.clipNorm = "0.1"
        $0.training.milestones = []
      }
      let weights = Mutex<[[Float]]>([])
      _ = try train(recipe, eachStep: { state in weights.withLock { $0.append(state.model.parameters.values.array) } })
      let states = weights.withLock { $0 }
      #expect(states.count == 6)
      for (a, b) in zip(states, states.dropFirst()) {
        let square = zip(a, b).reduce(0.0) { sum, pair in
          let difference = Double(pair.1) - Double(pair.0)
          return sum + difference * difference
        }
        // The learning rate is 0.1; weights near 0.1 round a difference of 1e-5 in its fourth place.
        #expect(abs(square.squareRoot() / 0.01 - 1) < 1e-2)
      }
    }
  }
}
