// What a model is, as numbers: parameters, running statistics and how often those have moved, normalisation of the pixels.

import Tensors

/// All that the logits of a model depend on: its weights, what BatchNorm remembers, and what is done to the pixels.
///
/// One of its kind: steps change it where it lies, and whoever wants it as it is now copies it.
package final class Model: @unchecked Sendable {
  package let parameters: ParameterBuffer
  package let statistics: ParameterBuffer
  /// Train-mode passes so far: PyTorch's `num_batches_tracked`, the same for every normalisation.
  package var batchesTracked = 0
  /// What the first layer makes of pixels; training does not change it.
  package var normalisation: Normalisation

  /// Zeros in the layouts of an architecture.
  package convenience init(
    parameters: ParameterLayout, statistics: ParameterLayout, normalisation: Normalisation = .identity
  ) {
    self.init(
      parameters: ParameterBuffer(parameters), statistics: ParameterBuffer(statistics), normalisation: normalisation)
  }

  /// A model in memory that is there already.
  package init(
    parameters: ParameterBuffer, statistics: ParameterBuffer, normalisation: Normalisation = .identity
  ) {
    self.parameters = parameters
    self.statistics = statistics
    self.normalisation = normalisation
  }

  /// A model of this kind in memory of its own, still without values.
  package func withOwnMemory() -> Model {
    Model(parameters: parameters.layout, statistics: statistics.layout)
  }

  /// Initial values of weights and statistics.
  package func initialize(seed: UInt64) {
    parameters.initialize(seed: seed)
    statistics.initialize(seed: seed)
    batchesTracked = 0
  }

  /// Whether all entries are numbers.
  package var isFinite: Bool { parameters.isFinite && statistics.isFinite }

  /// Takes over the values of another model.
  package func copy(from other: Model) {
    parameters.copy(from: other.parameters)
    statistics.copy(from: other.statistics)
    batchesTracked = other.batchesTracked
    normalisation = other.normalisation
  }

  /// Moves every entry towards another model's: self = decay·self + (1 − decay)·other; the count is truncated.
  ///
  /// - Precondition: both normalise pixels alike.
  package func average(towards other: Model, decay: Float) {
    precondition(normalisation == other.normalisation, "weights behind different constants have no average")
    parameters.average(towards: other.parameters, decay: decay)
    statistics.average(towards: other.statistics, decay: decay)
    batchesTracked = Int(Double(decay) * Double(batchesTracked) + Double(1 - decay) * Double(other.batchesTracked))
  }
}
