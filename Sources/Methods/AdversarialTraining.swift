// Adversarial training, untargeted or towards drawn targets:
//
//   t ~ prior without y                           (targeted classes)
//   x' = PGD(x; towards t | away from y; ε_y)     in the attack's statistics
//   L  = 1/B · Σ CE(f(x'), y)                     train mode; predictions of this pass are what is counted
//
// FAIR-TAT (arXiv 2410.23142), target_train_new.py and Targeted_attack.py; Madry et al. (ICLR 2018) untargeted.

extension TrainingMethod {
  /// AT; FAIR-TAT where classes are targeted.
  static func adversarialTraining(_ options: MethodOptions) -> TrainingMethod {
    var problem = InnerProblem()
    problem.statistics = options.statistics
    return TrainingMethod(views: [.attacked(problem)], moves: [0], counted: 0, loss: WeightedCrossEntropy())
  }
}
