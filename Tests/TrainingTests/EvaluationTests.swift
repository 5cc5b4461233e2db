import Evaluation
import Fairness
import LocalRanks
import Options
import Recipes
import Synchronization
import Testing
import Training

extension TrainingTests {
  /// Judging weights: the same counts however the examples fall to ranks and blocks.
  @Suite struct Evaluations {
    static let recipe = Recipe.small {
      $0.training.epochs = 1
      $0.data.testCount = 40
      $0.evaluation.attack.epsilon = "4/255"
    }

    /// Trains an epoch, then judges its weights on the first `count` test images in each of the ways given.
    private func evaluate(
      count: Int, ways: [(ranks: Int, threads: Int, block: Int, restarts: Int)]
    ) throws -> (line: EpochLine, results: [AttackEvaluation]) {
      let trained = try train(Self.recipe)[0]
      let (line, state) = (try #require(trained.epochs.last), try #require(trained.state))
      let results = try ways.map { way in
        let all = try LocalGroup.run(size: way.ranks) { communicator in
          var recipe = Self.recipe
          recipe.evaluation.batch = way.block
          recipe.evaluation.attack.set("restarts", "\(way.restarts)")
          let run = try Run(recipe: recipe, communicator: communicator, threads: way.threads, trains: false)
          return try run.evaluator.evaluate(
            run.dataset.test, indices: Array(0..<count), state: state.model,
            attack: recipe.evaluationPlan(classes: run.network.classCount),
            seed: recipe.training.seed, purpose: .evaluationAttack
          ).withoutStages
        }
        #expect(all.allSatisfy { $0 == all[0] })
        return all[0]
      }
      return (line, results)
    }

    @Test func countsOfAnyRanksThreadsAndBlocks() throws {
      let ways = [(1, 1, 128, 1), (1, 2, 1, 1), (2, 1, 7, 1), (3, 1, 16, 1), (3, 2, 5, 1), (8, 1, 40, 1)]
      let (line, results) = try evaluate(count: 40, ways: ways)
      for (way, result) in zip(ways, results) { #expect(result == line.test["raw"], "\(way)") }
      #expect(results[0].count == 40 && results[0].clean.examples == [Int64](repeating: 4, count: 10))
      // The attack did something, and not everything.
      #expect(results[0].attack == "PGD-2" && results[0].robust != results[0].clean)
    }

    /// Attacks whose examples leave as they break: the same whoever else is in the block.
    @Test(
      arguments: [
        ("apgd-ce", ["iterations": "5", "restarts": "2"]), ("apgd-t", ["iterations": "4", "targets": "3"]),
        ("fab-t", ["iterations": "3", "targets": "2"]), ("square", ["queries": "20"]),
      ])
    func countsOfAnyAttack(name: String, options: [String: String]) throws {
      let state = try #require(try train(Self.recipe)[0].state)
      let ways = [(1, 1, 40), (1, 2, 3), (2, 1, 7), (3, 2, 5), (8, 1, 40)]
      let results = try ways.map { ranks, threads, block in
        try LocalGroup.run(size: ranks) { communicator in
          var recipe = Self.recipe
          recipe.evaluation.batch = block
          recipe.evaluation.attack.choice = Choice(name)
          recipe.evaluation.attack.epsilon = "16/255"
          for (key, value) in options { recipe.evaluation.attack.set(key, value) }
          let run = try Run(recipe: recipe, communicator: communicator, threads: threads, trains: false)
          return try run.test(state.model).withoutStages
        }
      }
      for result in results.joined() { #expect(result == results[0][0], "\(name)") }
      let result = results[0][0]
      #expect(result.count == 40 && result.robust.correct.reduce(0, +) < result.clean.correct.reduce(0, +))
      for (attacked, clean) in zip(result.robust.correct, result.clean.correct) { #expect(attacked <= clean) }
    }

    /// More restarts can only break more: class by class, and on fewer images than there are ranks.
    @Test func restartsOnlyLowerRobustAccuracy() throws {
      for count in [40, 2] {
        let (_, results) = try evaluate(count: count, ways: [(1, 1, 64, 1), (3, 1, 64, 2), (2, 1, 64, 4)])
        #expect(results.map(\.attack) == ["PGD-2", "PGD-2x2", "PGD-2x4"])
        for (fewer, more) in zip(results, results.dropFirst()) {
          #expect(fewer.clean == more.clean && more.count == Int64(count))
          for (before, after) in zip(fewer.robust.correct, more.robust.correct) { #expect(after <= before) }
        }
      }
    }

    /// Without an attack, robust is clean.
    @Test func noAttackIsClean() throws {
      let trained = try train(
        .small {
          $0.evaluation.attack.epsilon = "0"
          $0.data.testCount = 30
        })[0]
      for result in trained.epochs.flatMap({ Array($0.test.values) + Array($0.validation.values) }) {
        #expect(result.robust == result.clean)
      }
    }
  }
}
