// Training on one view of each example:
//
//   clean       x' = x
//   FGSM        x' = one step from a uniform start                             (Wong, Rice, Kolter, ICLR 2020: 1.25·ε)
//   AT          x' = PGD(x; away from y; ε_y)                                  Madry et al., ICLR 2018
//   FAIR-TAT    x' = PGD(x; towards t; ε_y),  t ~ prior without y              arXiv 2410.23142, target_train_new.py and
//                                                                              Targeted_attack.py
//   L  = 1/B · Σ CE(f(x'), y)                     train mode; predictions of this pass are what is counted
//
// The attack's passes normalise as `attack.batch-statistics` says; the sources do as in training.

import Attacks
import Classification
import Options

extension TrainingMethod {
  /// AT; FAIR-TAT where classes are targeted.
  static func adversarial(_ statistics: BatchStatistics) -> TrainingMethod {
    var problem = InnerProblem()
    problem.statistics = statistics
    return TrainingMethod(views: [.attacked(problem)], moves: [0], counted: 0, loss: WeightedCrossEntropy())
  }
}

extension MethodPart {
  /// What sets the attack's statistics to those of the training pass.
  static let trainMode = [(path: "attack.batch-statistics", value: BatchStatistics.batchUpdatingRunning.rawValue)]

  static let clean = MethodPart(
    "clean", "plain training on the images as they are", settings: trainMode + [("fairness.margins", "false")]
  ) { _, _ in TrainingMethod(views: [.clean], moves: [0], counted: 0, loss: WeightedCrossEntropy()) }

  static let fgsm = MethodPart(
    "fgsm", "fast adversarial training: one step from a random start (Wong et al. 2020)",
    settings: trainMode + [("attack.steps", "1"), ("attack.step-size", "10/255"), ("fairness.margins", "false")]
  ) { _, facts in .adversarial(facts.statistics) }

  static let adversarialTraining = MethodPart(
    "at", "adversarial training: untargeted PGD (Madry et al. 2018)", settings: trainMode
  ) { _, facts in .adversarial(facts.statistics) }

  static let fairTAT = MethodPart(
    "fairtat", "FAIR-TAT: PGD toward targets drawn from the classes' false positives", settings: trainMode
  ) { _, facts in .adversarial(facts.statistics).targeted() }
}
