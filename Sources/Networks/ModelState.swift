// What a model is, as numbers: parameters, running statistics, and how often those have moved.

import Tensors

/// The weights of a model and what BatchNorm remembers.
package struct ModelState: Sendable {
  package let parameters: ParameterBuffer
  package let statistics: ParameterBuffer
  /// Train-mode passes so far: PyTorch's `num_batches_tracked`, the same for every normalisation.
  package var batchesTracked: Int = 0

  /// Zeros in the layouts of an architecture.
  package init(parameters: ParameterLayout, statistics: ParameterLayout) {
    self.parameters = ParameterBuffer(parameters)
    self.statistics = ParameterBuffer(statistics)
  }

  /// A state in memory that is there already.
  package init(parameters: ParameterBuffer, statistics: ParameterBuffer) {
    self.parameters = parameters
    self.statistics = statistics
  }

  /// Initial values.
  package mutating func initialize(seed: UInt64) {
    parameters.initialize(seed: seed)
    statistics.initialize(seed: seed)
    batchesTracked = 0
  }

  /// Whether all entries are numbers.
  package var isFinite: Bool { parameters.isFinite && statistics.isFinite }

  /// Takes over the values of another state.
  package mutating func copy(from other: ModelState) {
    parameters.copy(from: other.parameters)
    statistics.copy(from: other.statistics)
    batchesTracked = other.batchesTracked
  }

  /// Moves every entry towards another state's: self = decay·self + (1 − decay)·other; the count is truncated.
  package mutating func average(towards other: ModelState, decay: Float) {
    parameters.average(towards: other.parameters, decay: decay)
    statistics.average(towards: other.statistics, decay: decay)
    batchesTracked = Int(Double(decay) * Double(batchesTracked) + Double(1 - decay) * Double(other.batchesTracked))
  }
}
