import Evaluation
import Fairness
import Foundation
import LocalRanks
import Recipes
import Testing
import Training

extension TrainingTests {
  /// The analysis of a small model: equal on any ranks, and in itself consistent.
  @Suite struct Analyses {
    private static let recipe = Recipe.small {
      $0.training.epochs = 1
      $0.data.testCount = 25
    }
    private static let plan = AnalysisPlan(steps: 2, epsilon: 8.0 / 255)

    /// The numbers of an analysis as JSON, the accuracy of another model on its adversaries, and bytes of its pictures.
    private struct Outcome: Equatable {
      let json: Data
      let transferred: ConfusionMatrix
      let pictures: [[UInt8]]
    }

    private static func analyse(
      _ state: TrainingState, ranks: Int, threads: Int = 1, block: Int
    ) throws -> (analysis: ModelAnalysis, outcome: Outcome) {
      let all = try LocalGroup.run(size: ranks) { communicator in
        var recipe = recipe
        recipe.evaluation.batch = block
        let run = try Run(recipe: recipe, communicator: communicator, threads: threads, trains: false)
        let model = AnalysedModel(
          name: "small", place: "here",
          subject: EvaluationSubject(weights: "raw", data: "synthetic", digest: "", program: "test"),
          classNames: run.classNames)
        var passes = 0
        let found = try run.analyse(state.model, model, by: plan) { _, done in
          #expect(done >= passes)
          passes = done
        }
        #expect(passes == 25 * plan.passes(targets: 10))
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return (
          found.analysis,
          Outcome(
            json: try encoder.encode(found.analysis),
            transferred: try run.transferred(state.model, adversaries: found.trace.adversaries),
            pictures: found.pictures.flatMap { [$0.clean, $0.adversarial, $0.difference] })
        )
      }
      for (_, outcome) in all { #expect(outcome == all[0].1) }
      return all[0]
    }

    @Test func equalOnAnyRanks() throws {
      let state = try #require(try train(Self.recipe)[0].state)
      let (analysis, outcome) = try Self.analyse(state, ranks: 1, block: 64)
      for (ranks, threads, block) in [(1, 2, 7), (2, 1, 3), (3, 1, 64)] {
        #expect(try Self.analyse(state, ranks: ranks, threads: threads, block: block).outcome == outcome)
      }

      // Epsilon 0 is no attack, and whoever is judged by the own adversaries is judged as before.
      #expect(analysis.byEpsilon.points[0].robustAccuracy == analysis.clean.accuracy)
      #expect(analysis.byEpsilon.points[0].classRobust == analysis.clean.classAccuracy)
      #expect(outcome.transferred == analysis.robust)
      let at = { (epsilon: Double) in analysis.byEpsilon.points.first { $0.epsilon == epsilon } }
      #expect(at(8.0 / 255)?.robustAccuracy == analysis.robust.accuracy)
      #expect(at(8.0 / 255)?.robustAccuracy == analysis.bySteps.points.first { $0.steps == 2 }?.robustAccuracy)
      #expect(analysis.byEpsilon.points.map(\.epsilon) == AnalysisPlan.radii.map { Double($0) / 255 })
      #expect(analysis.bySteps.points.map(\.steps) == AnalysisPlan.stepCounts)

      // The attack climbs; of two steps there are three losses.
      #expect(analysis.losses.count == 3 && analysis.losses.allSatisfy { $0 > 0 })
      #expect(analysis.losses[2] > analysis.losses[0])

      let targeted = analysis.targeted
      #expect(targeted.targets == Array(0..<10) && targeted.examples == analysis.clean.examples)
      for source in 0..<10 {
        for target in 0..<10 {
          let share = targeted.share(source, target)
          #expect((share == nil) == (source == target))
          if let share { #expect((0...1).contains(share)) }
        }
        #expect(targeted.reached[source][source] == 0)
      }
      // An attack toward a class arrives there more often than the images are taken for it as they are.
      #expect(targeted.reached.joined().reduce(0, +) > analysis.clean.falsePositives.reduce(0, +))

      #expect(outcome.pictures.count == 3 * analysis.confused.flatMap(\.examples).count && !outcome.pictures.isEmpty)
      for number in stride(from: 0, to: outcome.pictures.count, by: 3) {
        let pairs = zip(outcome.pictures[number], outcome.pictures[number + 1])
        #expect(pairs.allSatisfy { abs(Int($0) - Int($1)) <= 8 } && pairs.contains { $0 != $1 })
        // A change of up to 8/255, ten times as large, around 127.5.
        #expect(outcome.pictures[number + 2].allSatisfy { (47...208).contains($0) })
      }
    }

    /// Ten steps at 8/255 are the attack of the tables, to the bit of the step.
    @Test func theStepsOfTheTables() {
      #expect(AnalysisPlan(steps: 10, epsilon: 8.0 / 255).setting.pgd.stepSize == Float(2.0 / 255))
    }
  }
}
