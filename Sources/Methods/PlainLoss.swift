// A method's loss of an example outside of training: no class weighs more than another.

import Fairness
import Tensors

/// The loss of a method with the weight 1 and the beta of its start for all classes.
package final class PlainLoss {
  private let method: TrainingMethod
  private let logits: Tensor, gradient: Tensor

  package init(_ method: TrainingMethod, classes: Int) {
    self.method = method
    logits = Tensor(Shape(n: method.views.count, c: classes))
    gradient = Tensor(Shape(n: method.views.count, c: classes))
  }

  /// The loss, from the K logits of the clean image and of the attacked one, which stands for every adversary.
  package func callAsFunction(_ clean: UnsafePointer<Float>, _ attacked: UnsafePointer<Float>, _ label: Int) -> Float {
    let k = logits.shape.c
    for (view, kind) in method.views.enumerated() {
      if case .clean = kind {
        logits.image(view).update(from: clean, count: k)
      } else {
        logits.image(view).update(from: attacked, count: k)
      }
    }
    let row = ClassSetting(targeted: false, epsilon: 0, steps: 0, stepSize: 0, lossWeight: 1, beta: method.beta)
    return method.loss.evaluate(
      ViewLogits(logits.pointer, stride: k, classes: k), label: label, row,
      BatchFacts(labelCounts: [1], ClassSettings(classCount: 1, repeating: row)),
      gradient: ViewLogits(gradient.pointer, stride: k, classes: k), scale: 1)
  }
}
