// Friendly adversarial training: the search for an example ends soon after it is misclassified.
//
//   CFA's form    FAIR-TAT's too: train-mode attack from U(−ε_y, ε_y), a budget of 3 steps from misclassified iterates, spent for
//                 good; the batch stays whole. CFA (Wei et al., CVPR 2023), attack.py
//   original      running statistics, noise of 0.001 in each step, a budget of 0, 1, 2 with the epochs; misclassified examples
//                 with nothing left leave. Zhang et al., ICML 2020 (arXiv:2002.11242), FAT.py, earlystop.py
//   for TRADES    the original search from x + 0.001·N(0, 1) up on KL(p(x) ‖ p(x')), and TRADES's loss. FAT_for_TRADES.py
//
// Misclassified means another prediction than the label, toward a target as well.

import Attacks
import Classification
import Options

extension MethodPart {
  /// τ of CFA's form.
  private static let budget = PartOption(
    "attack.budget", .whole(1...65_535), 3, "steps from misclassified images before an example is done")
  private static let leaving = MethodOption.frozen.defaulting(to: "leave")

  /// Where the budget of the original forms rises by one.
  private static func rises(_ moments: [Moment]) -> PartOption {
    PartOption(
      "attack.budget-rises", .moments, moments,
      "where the budget, 0 at first, rises by one: epochs (from 0) or fractions of the length")
  }

  /// CFA's form; FAIR-TAT + FAT where classes are targeted.
  private static func calibrated(_ values: PartValues, _ facts: MethodFacts) -> TrainingMethod {
    var method = TrainingMethod.adversarial(facts.statistics)
    let budget = values.whole("attack.budget")
    method.changeProblems { problem in
      problem.stopping = { _ in .spentBudget(budget) }
      problem.stopped = values.value("attack.frozen", .choice)
      // One forward pass before the rounds and one in each.
      problem.passesLast = true
    }
    return method
  }

  /// Gives a method the original early stopping.
  private static func original(
    _ method: TrainingMethod, _ values: PartValues, _ facts: MethodFacts, noise: Float
  ) -> TrainingMethod {
    var method = method
    let budget = EpochSteps(moments: values.value("attack.budget-rises", .moments), epochs: facts.epochs)
    method.changeProblems { problem in
      problem.stopping = { .misclassified(budget: budget.value(epoch: $0)) }
      problem.stopped = values.value("attack.frozen", .choice)
      problem.noise = noise
    }
    return method
  }

  static let friendly = MethodPart(
    "fat", "friendly adversarial training as CFA has it: a budget of steps beyond the boundary",
    options: [budget, MethodOption.frozen], settings: trainMode
  ) { calibrated($0, $1) }

  static let fairTATFriendly = MethodPart(
    "fairtat-fat", "FAIR-TAT + FAT: adversaries toward targets, stopped as in fat",
    options: [budget, MethodOption.frozen], settings: trainMode
  ) { calibrated($0, $1).targeted() }

  static let originalFriendly = MethodPart(
    "fat-original", "friendly adversarial training as published (Zhang et al. 2020)",
    options: [
      rises([.fraction("5/12"), .fraction("3/4")]), leaving,
      PartOption("attack.noise", .unit, "0.001", "deviation of the normal noise in each step"),
    ], settings: evaluationMode + [("fairness.margins", "false")]
  ) { values, facts in
    original(.adversarial(facts.statistics), values, facts, noise: values.real("attack.noise").float)
  }

  static let friendlyTRADES = MethodPart(
    "fat-for-trades", "FAT for TRADES as published (Zhang et al. 2020)",
    options: [
      MethodOption.beta, rises([.fraction("6/17"), .fraction("10/17"), .fraction("14/17")]), leaving,
    ], settings: evaluationMode + [("fairness.margins", "false")]
  ) { values, facts in
    let problem = TrainingMethod.divergenceProblem(clipped: true, facts.statistics)
    let method = TrainingMethod(
      views: [.clean, .attacked(problem)], moves: [0, 1], counted: 1,
      loss: RegularisedLoss(form: .weighted, clean: 0, attacked: 1), beta: values.real("method.beta").float)
    return original(method, values, facts, noise: 0)
  }
}
