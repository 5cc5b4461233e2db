// BAT, balance adversarial training (TRADES variant): two adversaries on either side of the decision boundary.
//
//   x_lc  "last clean": the iterate before the first misclassified one
//   x_fa  "first adversarial": one step beyond the first misclassified iterate (FAT's rule with a budget of 1)
//         both from x + 0.001·N(0, 1), each its own, up on KL(p(x) ‖ p(x')), running statistics
//   L = CE(f(x_lc), y) + β·KL(p(x) ‖ p(x_fa)) + KL(p(x_lc) ‖ U) + KL(p(x_fa) ‖ U),    U uniform, p(x) not held fixed
//
// Sun et al., arXiv:2209.07534, train.py and train_mode; forward passes in the order x_lc, x_fa, x.

import Attacks
import Classification
import Fairness
import Options

extension MethodPart {
  static let balance = MethodPart(
    "bat", "balance adversarial training: one adversary on either side of the boundary (Sun et al. 2022)",
    options: [MethodOption.beta, MethodOption.frozen.defaulting(to: "leave")],
    settings: evaluationMode + [("fairness.margins", "false")]
  ) { values, facts in
    func adversary(_ stopping: EarlyStopping) -> View {
      var problem = TrainingMethod.divergenceProblem(clipped: true, facts.statistics)
      problem.stopping = { _ in stopping }
      problem.stopped = values.value("attack.frozen", .choice)
      return .attacked(problem)
    }
    return TrainingMethod(
      views: [adversary(.beforeMisclassified), adversary(.misclassified(budget: 1)), .clean], moves: [0, 1, 2],
      counted: 1, loss: BalanceLoss(), beta: values.real("method.beta").float)
  }
}

/// The loss of BAT over the views x_lc, x_fa, x. It draws predictions to U as it is, and has no smoothed labels besides.
package struct BalanceLoss: TrainingLoss {
  package func evaluate(
    _ z: ViewLogits, label: Int, _ row: ClassSetting, _ batch: BatchFacts, gradient dz: ViewLogits, scale: Float
  ) -> Float {
    let k = z.classes
    let divergence = Divergence.evaluate(
      z[2], z[1], classes: k, gradients: dz[2], dz[1], scale: scale * row.beta)
    var uniformity = Divergence.addFromUniform(z[1], classes: k, to: dz[1], scale: scale)
    for j in 0..<k { dz[0][j] = 0 }
    uniformity += Divergence.addFromUniform(z[0], classes: k, to: dz[0], scale: scale)
    let loss = CrossEntropy.add(z[0], classes: k, label: label, to: dz[0], scale: scale)
    return loss + row.beta * divergence + uniformity
  }
}
