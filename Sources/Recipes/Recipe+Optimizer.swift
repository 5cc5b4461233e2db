// The optimizer that a recipe chooses.

import Networks
import Options

extension Recipe {
  /// The optimizer for parameters of this layout, before the first step; its name is known.
  package func optimizer(_ layout: ParameterLayout) -> any Optimizer {
    guard let part = optimizers[training.optimizer.name] else {
      preconditionFailure("no optimizer is called \(training.optimizer.name)")
    }
    return part.make(
      training.optimizer.values(in: optimizers),
      OptimizerFacts(
        layout, momentum: training.momentum.value, nesterov: training.nesterov,
        weightDecay: training.weightDecay.value))
  }

  /// Floats that the optimizer remembers of each parameter.
  package var optimizerBuffers: Int { optimizer(ParameterLayout()).buffers.count }
}
