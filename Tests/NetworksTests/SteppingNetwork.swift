// Training steps of an engine network, as a run makes them on one rank.

import Classification
import Networks
import Parity
import Tensors

/// A network and its optimizer.
struct SteppingNetwork {
  let engine: EngineNetwork
  private let learningRate: Float
  private let optimizer: SGD
  private let sum: GradientSum

  init(_ engine: EngineNetwork, learningRate: Float, momentum: Float, weightDecay: Float) {
    self.engine = engine
    self.learningRate = learningRate
    optimizer = SGD(engine.network.parameters, momentum: momentum, weightDecay: weightDecay)
    sum = GradientSum(engine.network.parameters, pool: engine.pool)
  }

  /// One step in train mode; the mean loss before it.
  func step(_ pictures: Tensor, labels: [Int]) throws -> Double {
    let slice = engine.slice(labels.count, shardSize: 4)
    let loss = try engine.pass(pictures, labels: labels, .batchUpdatingRunning, slice, gradients: sum).loss
    optimizer.step(
      engine.state.parameters, gradient: engine.total(sum), learningRate: learningRate, number: 1, engine.pool)
    engine.network.prepare(engine.state)
    return loss
  }
}
