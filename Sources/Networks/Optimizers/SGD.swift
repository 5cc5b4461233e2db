// Stochastic gradient descent with momentum and weight decay, as PyTorch has it (one group: every parameter decays).
//
//   g ← g + λ·w,   v ← μ·v + g,   w ← w − η·v;   v is 0 at first.
//   Nesterov:                     w ← w − η·(g + μ·v)

import Kernels
import Parallelism

/// The optimizer and its momentum.
package struct SGD: Optimizer {
  /// v.
  private let momentum: ParameterBuffer
  /// μ.
  private let factor: Float
  /// λ.
  private let weightDecay: Float
  private let nesterov: Bool

  package init(_ layout: ParameterLayout, momentum factor: Float, weightDecay: Float, nesterov: Bool = false) {
    momentum = ParameterBuffer(layout)
    self.factor = factor
    self.weightDecay = weightDecay
    self.nesterov = nesterov
  }

  package var buffers: [(name: String, buffer: ParameterBuffer)] { [("momentum", momentum)] }

  package func withOwnMemory() -> SGD {
    SGD(momentum.layout, momentum: factor, weightDecay: weightDecay, nesterov: nesterov)
  }

  package func step(
    _ weights: ParameterBuffer, gradient: ParameterBuffer, learningRate: Float, number: Int, _ pool: ThreadPool
  ) {
    let count = weights.layout.count
    precondition(gradient.layout.count == count && momentum.layout.count == count, "parameters of several networks")
    let piece = 1 << 16
    let update = nesterov ? Elementwise.nesterov : Elementwise.sgd
    pool.forEach((count + piece - 1) / piece) { i, _ in
      let at = i * piece
      update(
        weights.values.pointer + at, momentum.values.pointer + at, gradient.values.pointer + at, learningRate, factor,
        weightDecay, min(piece, count - at))
    }
  }
}
