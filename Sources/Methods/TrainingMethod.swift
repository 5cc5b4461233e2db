// A training method is a value: which images of an example pass through the network, what is searched for, and the loss.
//
//   views   each clean, or the solution of an inner problem; one pass over all of them makes the gradient
//   moves   the views whose batch statistics move the running ones, in the order of the source's forward passes
//   loss    of an example, from its logits in all views and the row of its class
//
// What differs by class (targeted or not, margin, step, weights) is no part of a method: it stands in the class settings, which
// policies rewrite. FAIR-TAT is a method whose classes are targeted.

import Attacks
import Classification
import Fairness
import Networks

/// Adversarial training, TRADES, FAT, ...
package struct TrainingMethod: Sendable {
  /// The images of an example that the training pass sees, in the order in which a shard holds them.
  package var views: [View]
  /// Views whose statistics move the running ones; one may do so twice.
  package var moves: [Int]
  /// The view whose predictions are counted.
  package var counted: Int
  package var loss: any TrainingLoss
  /// Whether classes start out with targeted adversaries.
  package var isTargeted: Bool
  /// β of every class at the start.
  package var beta: Float
  /// The loss weight of every class at the start.
  package var lossWeight: Float = 1
  /// What rewrites the class settings as this method has it; the recipe's fairness section adds its own.
  package var policies: [any FairnessPolicy]
  /// Whether it fine-tunes: there must be weights to start from.
  package var needsStart = false

  package init(
    views: [View], moves: [Int], counted: Int, loss: any TrainingLoss, isTargeted: Bool = false, beta: Float = 6,
    policies: [any FairnessPolicy] = []
  ) {
    self.views = views
    self.moves = moves
    self.counted = counted
    self.loss = loss
    self.isTargeted = isTargeted
    self.beta = beta
    self.policies = policies
  }

  /// How the training pass sees its examples.
  package var passViews: Views { Views(count: views.count, moves: moves) }

  /// The inner problems, in the order in which they are solved.
  package var problems: [InnerProblem] {
    views.compactMap { if case .attacked(let problem) = $0 { problem } else { nil } }
  }

  /// How often each direction runs in a step with attacks of so many steps, at the most.
  ///
  /// - Parameter allTargeted: whether all classes have targets, so that nobody asks for p(x).
  package func passes(steps: Int, allTargeted: Bool) -> StepPasses {
    var passes = StepPasses(views: views.count)
    for problem in problems {
      let reference = problem.objective == .divergence && !allTargeted ? 1 : 0
      let last = problem.passesLast && problem.statistics == .batchUpdatingRunning ? 1 : 0
      passes.add(forward: reference + steps + last, gradients: steps, problem.statistics)
    }
    return passes
  }

  /// Changes all inner problems.
  mutating func changeProblems(_ change: (inout InnerProblem) -> Void) {
    for (place, view) in views.enumerated() {
      guard case .attacked(var problem) = view else { continue }
      change(&problem)
      views[place] = .attacked(problem)
    }
  }

  /// The same method with adversaries toward drawn targets.
  func targeted() -> TrainingMethod {
    var method = self
    method.isTargeted = true
    return method
  }
}

/// One image of an example.
package enum View: Sendable {
  /// As it was loaded.
  case clean
  /// The solution of an inner problem.
  case attacked(InnerProblem)
}

/// What is searched for around an example before the training pass. Radius, step and number of steps are the class's.
package struct InnerProblem: Sendable {
  /// How long the step is.
  package enum Pace: Sendable {
    /// As the class has it.
    case ofClass
    /// This part of the largest radius of the batch, for all examples.
    case ofLargestRadius(Float)
  }

  package var start = PGD.Start.uniform
  package var objective = AttackLoss.crossEntropy
  package var statistics = BatchStatistics.batchUpdatingRunning
  /// When an example is done early, in an epoch.
  package var stopping: @Sendable (_ epoch: Int) -> EarlyStopping = { _ in .never }
  package var stopped = StoppedExamples.stay
  /// Deviation of the normal noise in each step.
  package var noise: Float = 0
  package var pace = Pace.ofClass
  /// Whether the source passes the last iterates once more in train mode.
  package var passesLast = false

  package init() {}
}
