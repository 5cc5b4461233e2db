// How a rank says where it is: a store for each phase, collective and step.

import CPlatform
import Synchronization

/// A rank's own record, and the time it has spent in collectives. As the communicator, for one thread.
package final class Heartbeat: @unchecked Sendable {
  private let board: NodeBoard
  private var entered = 0.0
  private var waited = 0.0

  /// - Parameter board: where the record lies.
  package init(_ board: NodeBoard = NodeBoard()) { self.board = board }

  /// The rank begins a phase.
  ///
  /// - Parameter part: the attack's step from 1, or the examples that an evaluation has judged.
  package func enter(_ phase: WorkPhase, part: Int = 0) {
    board.own.pointee.phase.store(phase.rawValue, ordering: .relaxed)
    board.own.pointee.part.store(part, ordering: .relaxed)
    beat()
  }

  /// The rank begins a step; both from 1.
  package func enter(epoch: Int, step: Int) {
    board.own.pointee.epoch.store(epoch, ordering: .relaxed)
    board.own.pointee.step.store(step, ordering: .relaxed)
    beat()
  }

  /// Seconds in collectives since they were last taken: waiting for others, and sending.
  package func takeWaited() -> Double {
    defer { waited = 0 }
    return waited
  }

  func begin(_ call: WatchedCommunicator.Call) {
    entered = platform_seconds()
    board.own.pointee.call.store(call.rawValue, ordering: .relaxed)
    beat()
  }

  func end() {
    board.own.pointee.call.store(0, ordering: .relaxed)
    beat()
    waited += platform_seconds() - entered
  }

  /// The only writer: no read-modify-write is needed.
  private func beat() {
    let beats = board.own.pointee.beats.load(ordering: .relaxed)
    board.own.pointee.beats.store(beats &+ 1, ordering: .relaxed)
  }
}
