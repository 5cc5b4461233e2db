// Rank 0 reads a checkpoint, all others are sent what it read: run directories need not be visible everywhere.

import Communication
import Fairness
import Networks

extension ParameterBuffer {
  /// Replaces the values of every rank by rank 0's.
  fileprivate func broadcast(_ communicator: any Communicator) throws {
    try communicator.broadcast(UnsafeMutableRawBufferPointer(values.elements), from: 0)
  }
}

extension Model {
  /// Replaces the model of every rank by rank 0's.
  package func broadcast(_ communicator: any Communicator) throws {
    try parameters.broadcast(communicator)
    try statistics.broadcast(communicator)
    batchesTracked = try communicator.broadcast(batchesTracked)
    normalisation = try communicator.broadcast(normalisation)
  }
}

extension NamedAverage {
  fileprivate mutating func broadcast(_ communicator: any Communicator) throws {
    accepted = try communicator.broadcast(accepted)
    try state.broadcast(communicator)
  }
}

extension TrainingState {
  /// Replaces the state of every rank by rank 0's.
  mutating func broadcast(_ communicator: any Communicator) throws {
    try model.broadcast(communicator)
    for (_, buffer) in optimizer.buffers { try buffer.broadcast(communicator) }
    for i in averages.indices { try averages[i].broadcast(communicator) }
    if let confusion {
      try communicator.broadcast(UnsafeMutableRawBufferPointer(confusion.probabilities.elements), from: 0)
    }
    let rest = try communicator.fromRoot { Rest(self) }
    fairness = rest.fairness
    (epoch, stepInEpoch, step) = (rest.epoch, rest.stepInEpoch, rest.step)
    lossSum = Double(bitPattern: rest.lossSum)
    best = rest.best
  }

  /// What is not flat memory.
  private struct Rest: Codable {
    let fairness: FairnessState
    let epoch: Int, stepInEpoch: Int, step: Int
    let lossSum: UInt64
    let best: BestEpoch?

    init(_ state: TrainingState) {
      fairness = state.fairness
      (epoch, stepInEpoch, step) = (state.epoch, state.stepInEpoch, state.step)
      lossSum = state.lossSum.bitPattern
      best = state.best
    }
  }
}
