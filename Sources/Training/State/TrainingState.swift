// Everything that a run is at a point between two steps: global, equal on all ranks, whole in every checkpoint.

import Digests
import Fairness
import Methods
import Networks
import Recipes

/// The epoch that validation liked best so far.
package struct BestEpoch: Codable, Equatable, Sendable {
  package var step: Int
  package var epoch: Int
  /// Robust accuracy plus worst-class robust accuracy of the raw weights on the validation split.
  package var score: Double
}

/// A point between two steps, before or after the end of an epoch.
struct TrainingPosition: Codable, Equatable, Sendable {
  var epoch: Int
  var step: Int
}

/// The state of a run.
package struct TrainingState: Sendable {
  package var model: Model
  package var optimizer: any Optimizer
  package var averages: [NamedAverage]
  package var fairness: FairnessState
  /// The priors of the training examples, where each has its own.
  package var confusion: SampleConfusion?
  /// The running epoch, the step within it that comes next, and all steps so far.
  package var epoch = 0
  package var stepInEpoch = 0
  package var step = 0
  /// Σ loss over the examples of the running epoch.
  package var lossSum = 0.0
  package var best: BestEpoch?

  /// A state of this kind in memory of its own, still without values.
  func withOwnMemory() -> TrainingState {
    var copy = self
    copy.model = model.withOwnMemory()
    copy.optimizer = optimizer.withOwnMemory()
    copy.averages = averages.map { $0.withOwnMemory() }
    copy.confusion = confusion.map {
      SampleConfusion(examples: $0.probabilities.shape.n, classes: $0.probabilities.shape.c)
    }
    return copy
  }

  /// Takes over the values of another state of the same run.
  mutating func copy(from other: TrainingState) {
    let memory = self
    self = other
    (model, optimizer, averages) = (memory.model, memory.optimizer, memory.averages)
    confusion = memory.confusion
    if let confusion, let other = other.confusion {
      _ = confusion.probabilities.elements.update(fromContentsOf: other.probabilities.elements)
    }
    model.copy(from: other.model)
    optimizer.copy(from: other.optimizer)
    for i in averages.indices { averages[i].copy(from: other.averages[i]) }
  }

  /// Whether weights, running statistics and what the optimizer remembers are numbers.
  var isFinite: Bool { model.isFinite && optimizer.isFinite }

  /// How many epochs each average took in, by name.
  var accepted: [String: Int] {
    Dictionary(uniqueKeysWithValues: averages.map { ($0.name, $0.accepted) })
  }

  var position: TrainingPosition { TrainingPosition(epoch: epoch, step: step) }

  /// SHA-256 of weights, running statistics, the optimizer's buffers, averages, fairness, priors of examples and
  /// position, in this order.
  package func digest() -> String {
    var sha = SHA256()
    func update(_ buffer: ParameterBuffer) { sha.update(UnsafeRawBufferPointer(buffer.values.elements)) }
    func update(_ state: Model) {
      update(state.parameters)
      update(state.statistics)
      sha.update("tracked \(state.batchesTracked)\n")
    }
    update(model)
    for (_, buffer) in optimizer.buffers { update(buffer) }
    for average in averages {
      sha.update("\(average.name) \(average.accepted)\n")
      if average.accepted > 0 { update(average.state) }
    }
    fairness.words.withUnsafeBytes { sha.update($0) }
    if let confusion { sha.update(UnsafeRawBufferPointer(confusion.probabilities.elements)) }
    sha.update("epoch \(epoch) step \(stepInEpoch) \(step) loss \(lossSum.bitPattern)\n")
    return sha.hex()
  }
}
