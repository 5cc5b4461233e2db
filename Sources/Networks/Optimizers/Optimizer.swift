// What every optimizer is to those who keep its state: a step, and buffers with names.
//
// Checkpoints, digests, copies and broadcasts loop over the buffers, so a new optimizer is one file.

import Parallelism

/// Makes steps along gradients, and remembers something of them.
package protocol Optimizer: Sendable {
  /// All that one step leaves for the next, in a fixed order; each in the layout of the parameters.
  var buffers: [(name: String, buffer: ParameterBuffer)] { get }

  /// The same optimizer with zeros in memory of its own.
  func withOwnMemory() -> Self

  /// One step along the mean gradient.
  ///
  /// - Parameter number: of the step among all of the run, from 1.
  func step(
    _ weights: ParameterBuffer, gradient: ParameterBuffer, learningRate: Float, number: Int, _ pool: ThreadPool)
}

extension Optimizer {
  /// Whether all that it remembers are numbers.
  package var isFinite: Bool { buffers.allSatisfy(\.buffer.isFinite) }

  /// Takes over what another optimizer of the same kind remembers.
  package func copy(from other: any Optimizer) {
    for (own, other) in zip(buffers, other.buffers) { own.buffer.copy(from: other.buffer) }
  }
}
