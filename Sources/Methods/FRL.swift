// FRL, fair robust learning: fine-tuning of a robust model with weights, and margins, that follow validation.
//
//   x' = PGD(x + 0.001·N(0, 1); up on KL(p(x) ‖ p(x')); m_y·ε)                                  running statistics
//        step 2/255 (reweight), a quarter of the batch's largest radius (remargin)
//   L  = Σ w0_y·CE(f(x), y) / Σ w0_y + β·Σ w1_y·KL(p(x) ‖ p(x')) / Σ w1_y                        sums over the global batch
//
// Xu et al., ICML 2021, frlrw.py and frlrmrw.py; forward passes x, x', x. The weights: FairRobustLearning.

import Attacks
import Fairness
import Options

extension MethodPart {
  private static func bound(_ value: Real) -> PartOption {
    PartOption("method.bound", .unit, value, "how far a class may lie below the average, in accuracy")
  }
  private static let rate = PartOption("method.rate", .real(0...10), "0.05", "of the class weights")
  private static let marginRate = PartOption("method.margin-rate", .real(0...10), "0.2", "of the margins")
  private static let limit = PartOption(
    "method.limit", .belowOne, "0.5", "the most that the multipliers of classes sum to")

  /// What FRL's authors have: PGD-20 on validation, a constant small rate.
  private static let fineTuning =
    evaluationMode + [
      ("fairness.margins", "false"), ("evaluation.attack.steps", "20"), ("training.learning-rate", "0.001"),
      ("training.milestones", "[]"), ("training.epochs", "40"), ("data.validation", "0.06"),
    ]

  private static func method(
    _ values: PartValues, _ facts: MethodFacts, _ pace: InnerProblem.Pace, marginRate: Double
  ) -> TrainingMethod {
    var problem = TrainingMethod.divergenceProblem(facts.statistics)
    problem.pace = pace
    let policy = FairRobustLearning(
      bound: values.real("method.bound").value, rate: values.real("method.rate").value, marginRate: marginRate,
      limit: values.real("method.limit").value, epsilon: facts.epsilon)
    // All classes weigh alike at first.
    var method = TrainingMethod(
      views: [.clean, .attacked(problem)], moves: [0, 1, 0], counted: 1,
      loss: RegularisedLoss(
        form: .normalised(regularisation: values.real("method.beta").float), clean: 0, attacked: 1), beta: 1,
      policies: [policy])
    method.needsStart = true
    return method
  }

  static let reweighted = MethodPart(
    "frl-reweight", "fair robust learning: class weights from validation, fine-tuning (Xu et al. 2021)",
    options: [MethodOption.beta.defaulting(to: "1.5"), bound("0.1"), rate, limit], settings: fineTuning
  ) { method($0, $1, .ofClass, marginRate: 0) }

  static let remargined = MethodPart(
    "frl-remargin", "fair robust learning: class weights and margins from validation (Xu et al. 2021)",
    options: [MethodOption.beta.defaulting(to: "1.5"), bound("0.07"), rate, marginRate, limit], settings: fineTuning
  ) { method($0, $1, .ofLargestRadius(0.25), marginRate: $0.real("method.margin-rate").value) }
}
