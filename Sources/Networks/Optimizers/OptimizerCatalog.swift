// Every optimizer a recipe can name. A new one is a file beside this and a part here.

import Options

/// What an optimizer must know of the rest of a recipe.
package struct OptimizerFacts {
  package let layout: ParameterLayout
  /// Of SGD.
  package let momentum: Double, nesterov: Bool
  package let weightDecay: Double

  package init(_ layout: ParameterLayout, momentum: Double, nesterov: Bool, weightDecay: Double) {
    self.layout = layout
    self.momentum = momentum
    self.nesterov = nesterov
    self.weightDecay = weightDecay
  }
}

/// The optimizers.
package let optimizers = Catalog<OptimizerFacts, any Optimizer>(
  "optimizer",
  [
    Part("sgd", "stochastic gradient descent with momentum; all parameters decay") { _, facts in
      SGD(
        facts.layout, momentum: Float(facts.momentum), weightDecay: Float(facts.weightDecay), nesterov: facts.nesterov)
    },
    Part(
      "adamw", "Adam with decoupled weight decay; matrices and filters decay",
      options: [OptimizerOption.first, OptimizerOption.second, OptimizerOption.epsilon]
    ) { values, facts in
      AdamW(
        facts.layout,
        AdamW.Settings(
          first: values.real("training.beta1").value, second: values.real("training.beta2").value,
          epsilon: values.real("training.epsilon").value, weightDecay: facts.weightDecay))
    },
  ])

/// Options of optimizers.
private enum OptimizerOption {
  static let first = PartOption("training.beta1", .belowOne, "0.9", "of AdamW: what stays of the mean gradient")
  static let second = PartOption("training.beta2", .belowOne, "0.999", "of AdamW: what stays of the mean square")
  static let epsilon = PartOption(
    "training.epsilon", .real(1e-30...1), "1e-8", "of AdamW: added to the root of the mean square")
}
