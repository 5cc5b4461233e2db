// Rank 0 reads a checkpoint, all others are sent what it read: run directories need not be visible everywhere.

import Communication
import Fairness
import Foundation
import Networks

extension TrainingState {
  /// Replaces the state of every rank by rank 0's.
  mutating func broadcast(_ communicator: any Communicator) throws {
    func send(_ buffer: ParameterBuffer) throws {
      try communicator.broadcast(UnsafeMutableRawBufferPointer(buffer.values.elements), from: 0)
    }
    func send(_ state: inout ModelState) throws {
      try send(state.parameters)
      try send(state.statistics)
      state.batchesTracked = try communicator.broadcast(state.batchesTracked)
    }
    try send(&model)
    try send(optimizer.momentum)
    func send(_ average: inout WeightAverage?) throws {
      guard average != nil else { return }
      average!.accepted = try communicator.broadcast(average!.accepted)
      try send(&average!.state)
    }
    try send(&ema)
    try send(&fawa)
    let json = try communicator.broadcast(Array(JSONEncoder().encode(Rest(self))))
    let rest = try JSONDecoder().decode(Rest.self, from: Data(json))
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
