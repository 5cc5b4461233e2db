// WAT, worst-class adversarial training: TRADES weighted by classes as Hedge has it.
//
//   x' = PGD(x + 0.001·N(0, 1); up on KL(p(x) ‖ p(x')))                     running statistics
//   L  = (w_y + w_K)·(CE(f(x), y) + β·KL(p(x) ‖ p(x')))                     w_K the weight of the mean over all classes
//
// Li and Liu, AAAI 2023, worst_class_adversarial_train.py; forward passes x, then x'. The weights: NoRegret.

import Fairness
import Options

extension MethodPart {
  static let noRegret = MethodPart(
    "wat", "worst-class adversarial training: TRADES weighted by validation losses (Li and Liu 2023)",
    options: [
      MethodOption.beta, PartOption("method.eta", .real(0...100), "0.1", "of the class weights, for each epoch's loss"),
    ],
    settings: evaluationMode + [("fairness.margins", "false"), ("data.validation", "0.06")]
  ) { values, facts in
    var method = TrainingMethod(
      views: [.clean, .attacked(TrainingMethod.divergenceProblem(facts.statistics))], moves: [0, 1], counted: 1,
      loss: RegularisedLoss(form: .weighted, clean: 0, attacked: 1), beta: values.real("method.beta").float,
      policies: [NoRegret(eta: values.real("method.eta").value)])
    method.lossWeight = NoRegret.firstWeight
    return method
  }
}
