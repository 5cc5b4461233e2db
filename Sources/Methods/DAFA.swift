// DAFA: TRADES whose radius, step and cross-entropy are weighted by class after a warm-up.
//
//   x' = PGD(x + 0.001·N(0, 1); up on KL(p(x) ‖ p(x')); W_y·ε, steps of W_y·α)       running statistics
//   L  = W_y·CE(f(x), y) + β·KL(p(x) ‖ p(x'))                                        KL is not weighted
//
// Lee et al., ICLR 2024 (arXiv:2401.12532), losses.py; forward passes x', then x. The weights: DifficultyAware.

import Fairness
import Options

extension MethodPart {
  static let difficultyAware = MethodPart(
    "dafa", "DAFA: margins and weights by how classes are mistaken, after a warm-up (Lee et al. 2024)",
    options: [
      MethodOption.beta,
      PartOption(
        "method.warm-up", .moment, .fraction("7/11"), "epochs of plain TRADES, or a fraction of the length"),
      PartOption("method.strength", .real(0...1000), "1", "lambda of the class weights; 1.5 for CIFAR-100"),
    ],
    settings: evaluationMode + [("fairness.margins", "false"), ("training.nesterov", "true")]
  ) { values, facts in
    let warmUp: Moment = values.value("method.warm-up", .moment)
    let policy = DifficultyAware(
      begin: warmUp.firstEpoch(of: facts.epochs), lambda: values.real("method.strength").value,
      epsilon: facts.epsilon, stepSize: facts.stepSize)
    return TrainingMethod(
      views: [.attacked(TrainingMethod.divergenceProblem(facts.statistics)), .clean], moves: [0, 1], counted: 0,
      loss: RegularisedLoss(form: .weightedCrossEntropy, clean: 1, attacked: 0),
      beta: values.real("method.beta").float, policies: [policy])
  }
}
