// Everything that a run is at a point between two steps: global, equal on all ranks, whole in every checkpoint.

import Digests
import Fairness
import Networks
import Recipes

/// An average of weights over epochs, and how often it took some in.
package struct WeightAverage: Sendable {
  package var state: ModelState
  /// 0: nothing was accepted yet, and the average is the current model.
  package var accepted = 0

  /// Does what a policy decided.
  mutating func apply(_ step: AverageStep, _ current: ModelState, decay: Float) {
    switch step {
    case .skip: return
    case .copy: state.copy(from: current)
    case .blend: state.average(towards: current, decay: decay)
    }
    accepted += 1
  }
}

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
  package var model: ModelState
  package var optimizer: SGD
  package var ema: WeightAverage?
  package var fawa: WeightAverage?
  package var fairness: FairnessState
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
    func room(_ state: ModelState) -> ModelState {
      ModelState(parameters: state.parameters.layout, statistics: state.statistics.layout)
    }
    copy.model = room(model)
    copy.optimizer = SGD(
      optimizer.momentum.layout, momentum: optimizer.factor, weightDecay: optimizer.weightDecay)
    copy.ema = ema.map { WeightAverage(state: room($0.state)) }
    copy.fawa = fawa.map { WeightAverage(state: room($0.state)) }
    return copy
  }

  /// Takes over the values of another state of the same run; averages that accepted nothing have none.
  mutating func copy(from other: TrainingState) {
    let memory = self
    self = other
    (model, optimizer) = (memory.model, memory.optimizer)
    model.copy(from: other.model)
    optimizer.momentum.copy(from: other.optimizer.momentum)
    func copied(_ average: WeightAverage?, into memory: WeightAverage?) -> WeightAverage? {
      guard let average, var copy = memory else { return nil }
      copy.accepted = average.accepted
      if copy.accepted > 0 { copy.state.copy(from: average.state) }
      return copy
    }
    ema = copied(other.ema, into: memory.ema)
    fawa = copied(other.fawa, into: memory.fawa)
  }

  /// The averages that there are, by name.
  package var averages: [(name: String, average: WeightAverage)] {
    [("ema", ema), ("fawa", fawa)].compactMap { name, average in average.map { (name, $0) } }
  }

  /// Whether weights, running statistics and momentum are numbers.
  var isFinite: Bool { model.isFinite && optimizer.momentum.isFinite }

  var position: TrainingPosition { TrainingPosition(epoch: epoch, step: step) }

  /// SHA-256 of weights, running statistics, momentum, averages, fairness and position, in this order.
  package func digest() -> String {
    var sha = SHA256()
    func update(_ buffer: ParameterBuffer) { sha.update(UnsafeRawBufferPointer(buffer.values.elements)) }
    func update(_ state: ModelState) {
      update(state.parameters)
      update(state.statistics)
      sha.update("tracked \(state.batchesTracked)\n")
    }
    update(model)
    update(optimizer.momentum)
    for (name, average) in averages {
      sha.update("\(name) \(average.accepted)\n")
      if average.accepted > 0 { update(average.state) }
    }
    fairness.words.withUnsafeBytes { sha.update($0) }
    sha.update("epoch \(epoch) step \(stepInEpoch) \(step) loss \(lossSum.bitPattern)\n")
    return sha.hex()
  }
}
