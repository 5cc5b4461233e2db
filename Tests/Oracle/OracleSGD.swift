// Stochastic gradient descent with momentum and weight decay, in PyTorch's form (dampening 0):
//
//   g ← g + decay · w,   v ← momentum · v + g  (v = g in the first step),   w ← w − rate · v.

/// The optimizer and its velocities. Weight decay hits every tensor, batch norms and biases included.
package struct OracleSGD: Sendable {
  package var learningRate: Double
  package var momentum: Double
  package var weightDecay: Double
  package var velocities: [String: OracleTensor] = [:]

  package init(learningRate: Double, momentum: Double, weightDecay: Double) {
    self.learningRate = learningRate
    self.momentum = momentum
    self.weightDecay = weightDecay
  }

  /// One step of all trainable tensors along their gradients.
  package mutating func step(_ parameters: inout OracleParameters, gradients: [String: OracleTensor]) {
    for (name, gradient) in gradients {
      let w = parameters[name]
      let decayed = gradient + weightDecay * w
      let velocity = velocities[name].map { momentum * $0 + decayed } ?? decayed
      velocities[name] = velocity
      parameters.trainable[name] = w + (-learningRate) * velocity
    }
  }
}
