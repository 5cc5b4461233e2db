import Communication
import Foundation
import Networks
import Recipes
import Synchronization
import Testing
import Training

extension TrainingTests {
  /// What follows from the number of the epoch: rates, averages.
  @Suite struct Schedules {
    static let recipe = Recipe.small {
      $0.training.epochs = 5
      $0.training.milestones = [.fraction("1/2"), .epoch(4)]
      $0.averaging.start = .epoch(1)
      $0.attack.steps = 1
      $0.evaluation.attack.set("steps", "0")
    }

    @Test func theRateFallsAtTheMilestones() throws {
      let trained = try train(Self.recipe)[0]
      // Half of 5 epochs is over before epoch 3.
      for (epoch, rate) in [0.1, 0.1, 0.1, 0.01, 0.001].enumerated() {
        let own = trained.steps.filter { $0.epoch == epoch }
        #expect(own.count == 3 && own.allSatisfy { abs($0.learningRate / rate - 1) < 1e-12 })
      }
      #expect(trained.steps.map(\.step) == Array(1...15))
    }

    /// Cosine after half an epoch of warm-up, in each step of two epochs of three: what is logged and what is done.
    @Test func theRateFollowsTheSteps() throws {
      let recipe = Recipe.small {
        $0.training.schedule = .cosine
        $0.training.warmUp = "1/2"
      }
      let steps = try train(recipe)[0].steps
      let expected = (1...6).map { step -> Double in
        let time = Double(step) / 3
        return time < 0.5 ? 0.1 * time / 0.5 : 0.1 * (1 + cos(.pi * (time - 0.5) / 1.5)) / 2
      }
      #expect(steps.count == 6)
      #expect(zip(steps, expected).allSatisfy { abs($0.learningRate - $1) < 1e-15 })
      let weights = Mutex<[[Float]]>([])
      _ = try train(
        recipe, eachStep: { state in weights.withLock { $0.append(state.model.parameters.values.array) } })
      // The rate of the last step is 0.
      let (fifth, sixth) = weights.withLock { ($0[4], $0[5]) }
      #expect(fifth == sixth && weights.withLock { $0[3] != fifth })
    }

    /// Averages over the weights that each epoch left, by hand: copied at the first acceptance, decay 0.85 from then on.
    @Test func averagesOfEpochs() throws {
      let epochs = Mutex<[(raw: [Float], statistics: [Float], tracked: Int)]>([])
      let keep: @Sendable (TrainingState) -> Void = { state in
        epochs.withLock {
          $0.append(
            (state.model.parameters.values.array, state.model.statistics.values.array, state.model.batchesTracked))
        }
      }
      let trained = try train(Self.recipe, eachEpoch: keep)[0]
      #expect(trained.epochs.map { $0.accepted["ema"] } == [0, 1, 2, 3, 4])
      #expect(trained.epochs.map { $0.accepted["fawa"] } == [0, 1, 2, 3, 4])
      let states = epochs.withLock { $0 }
      let state = try #require(trained.state)
      func average(_ part: ((raw: [Float], statistics: [Float], tracked: Int)) -> [Float]) -> [Double] {
        var mean = part(states[1]).map(Double.init)
        for state in states[2...] {
          for (i, w) in part(state).enumerated() { mean[i] = 0.85 * mean[i] + 0.15 * Double(w) }
        }
        return mean
      }
      var tracked = states[1].tracked
      for state in states[2...] { tracked = Int(0.85 * Double(tracked) + 0.15 * Double(state.tracked)) }
      #expect(state.averages.map(\.name) == ["ema", "fawa"])
      for ours in state.averages {
        #expect(ours.accepted == 4 && ours.state.batchesTracked == tracked)
        #expect(distance(ours.state.parameters.values.array, average { $0.raw }) < 1e-6)
        #expect(distance(ours.state.statistics.values.array, average { $0.statistics }) < 1e-6)
      }
    }

    /// The greatest difference over the greatest number.
    private func distance(_ a: [Float], _ b: [Double]) -> Double {
      let largest = b.reduce(0) { max($0, abs($1)) }
      return zip(a, b).reduce(0) { max($0, abs(Double($1.0) - $1.1)) } / largest
    }

    @Test func anAverageThatAcceptsNothingIsTheRawWeights() throws {
      let recipe = Recipe.small {
        $0.averaging.fawaThreshold = "1"
        $0.averaging.start = .epoch(1)
      }
      let trained = try train(recipe, ranks: 2)[0]
      let last = try #require(trained.epochs.last)
      #expect(last.accepted == ["ema": 1, "fawa": 0])
      #expect(last.validation["fawa"] == last.validation["raw"] && last.test["fawa"] == last.test["raw"])
      // Accepted for the first time: a copy.
      #expect(last.test["ema"] == last.test["raw"] && last.validation["ema"] == last.validation["raw"])
      let state = try #require(trained.state)
      #expect(state.averages[0].state.parameters.values.array == state.model.parameters.values.array)
    }
  }
}
