// TRADES: adversaries that change the prediction most, and a price on that change.
//
//   x' = PGD(x + 0.001·N(0, 1); up on KL(p(x) ‖ p(x')), or down on CE(f(x'), t) toward a target t; ε_y)    running statistics
//        or from x + U(−ε_y, ε_y), as Debenedetti, Sehwag, Mittal (SaTML 2023) begin
//   L  = a·CE(f(x), y) + b·KL(p(x) ‖ p(x')),    p(x) not held fixed
//
//                a_y           b_y
//   original     1             β                   TRADES (Zhang et al., ICML 2019), trades.py
//   calibrated   1 − b_y       β_y/(1 + β_y)       CFA (Wei et al., CVPR 2023), attack.py; with β_y = β the original divided by 7
//
// Train-mode forward passes of the sources: x, x', and x once more for the target of KL.

import Attacks
import Classification
import Options

extension TrainingMethod {
  /// Where TRADES-like methods search: from a small normal start, with running statistics.
  static func divergenceProblem(
    clipped: Bool = false, start: AttackStart = .normal, _ statistics: BatchStatistics
  ) -> InnerProblem {
    var problem = InnerProblem()
    problem.start = start == .uniform ? .uniform : .normal(deviation: 0.001, clipped: clipped)
    problem.objective = .divergence
    problem.statistics = statistics
    return problem
  }

  /// TRADES of either form; FAIR-TAT + TRADES where classes are targeted.
  static func regularised(
    _ form: RegularisedLoss.Form, _ values: PartValues, _ statistics: BatchStatistics
  ) -> TrainingMethod {
    let problem = divergenceProblem(start: values.value("attack.start", .choice), statistics)
    return TrainingMethod(
      views: [.clean, .attacked(problem)], moves: [0, 1, 0], counted: 1,
      loss: RegularisedLoss(form: form, clean: 0, attacked: 1), beta: values.real("method.beta").float)
  }
}

extension MethodPart {
  /// What sets the attack's statistics to the running ones.
  static let evaluationMode = [(path: "attack.batch-statistics", value: BatchStatistics.running.rawValue)]

  static let trades = MethodPart(
    "trades", "TRADES as CFA has it: (CE + beta KL)/(1 + beta) (Zhang et al. 2019, Wei et al. 2023)",
    options: [MethodOption.beta, MethodOption.start], settings: evaluationMode
  ) { values, facts in .regularised(.calibrated, values, facts.statistics) }

  static let fairTATTRADES = MethodPart(
    "fairtat-trades", "FAIR-TAT + TRADES: adversaries toward targets, the loss of trades",
    options: [MethodOption.beta, MethodOption.start], settings: evaluationMode
  ) { values, facts in .regularised(.calibrated, values, facts.statistics).targeted() }

  static let originalTRADES = MethodPart(
    "trades-original", "TRADES as published: CE + beta KL (Zhang et al. 2019)",
    options: [MethodOption.beta, MethodOption.start], settings: evaluationMode + [("fairness.margins", "false")]
  ) { values, facts in .regularised(.weighted, values, facts.statistics) }
}
