// How a run is stopped before its end: a signal, the end of its time, a file `STOP`; and how it is kept from being stopped for
// ever at the same step.

import Checkpoints
import Communication
import Failures
import Platform

/// One rank's requests to stop, and what all do about them.
final class Stopping {
  private let directory: RunDirectory
  private let communicator: any Communicator
  private let console: Console
  private let surroundings: Surroundings
  private let stopFile: StopFile
  /// Rank 0's.
  private var lives: LineLog?

  init(_ directory: RunDirectory, run: Run, console: Console, surroundings: Surroundings) {
    self.directory = directory
    self.console = console
    self.surroundings = surroundings
    communicator = run.communicator
    stopFile = StopFile(directory)
  }

  /// What this rank was asked; the file and the clock are looked at by rank 0.
  func request() -> StopRequest {
    if communicator.rank == 0, stopFile.wasSeen() { return .file }
    if surroundings.signalled() { return .signal }
    guard communicator.rank == 0, let limit = surroundings.limit else { return .none }
    return limit.isReached() ? .timeLimit : .none
  }

  /// Whether there is reason to begin; false where the user has put a `STOP` there.
  func begins(at state: TrainingState) throws -> Bool {
    try communicator.fromRoot { () -> Bool in
      if stopFile.exists {
        try stopFile.acknowledge()
        console.note(
          "there was a STOP in \(directory.path), which is named STOPPED now: nothing was done; start again to go on")
        return false
      }
      let stops = LifeRecord.stopsInARow(
        FileSystem.text(of: directory.lives) ?? "", at: state.position)
      lives = try LineLog(directory.lives)
      if stops >= 2 {
        record(LifeRecord(.refused, state.position))
        throw Failure(
          .internal,
          "the last \(stops) starts were stopped before step \(state.step + 1) was done: give the run more time (a longer "
            + "--time or --max-wall, a signal nearer to the end); another start tries again")
      }
      record(LifeRecord(.started, state.position))
      return true
    }
  }

  /// A run does not end for the want of a record.
  private func record(_ life: LifeRecord) {
    do {
      try lives?.append(jsonLine(life))
    } catch {
      console.note("warning: \(error)")
    }
  }

  /// Keeps what is whole, and says how to go on.
  ///
  /// - Parameters:
  ///   - request: what the ranks agreed on.
  ///   - save: returns when the checkpoint is durable.
  /// - Throws: `Failure(.requeue)`, but for a file `STOP`.
  func end(_ state: TrainingState, on request: StopRequest, save: () throws -> Void) throws {
    // Rank 0 knows the limit.
    let reason = try communicator.broadcast(
      request == .file ? "STOP" : request == .signal ? "a signal" : surroundings.limit?.source ?? "the time limit")
    if request != .file { record(LifeRecord(.stopped, state.position, reason: reason)) }
    console.say("stopping for \(reason): checkpoint at step \(state.step)")
    try save()
    guard request == .file else {
      throw Failure(
        .requeue, "checkpointed at step \(state.step) for \(reason); start the same command again to go on")
    }
    _ = try communicator.onRoot {
      try stopFile.acknowledge()
      console.say(
        "checkpointed at step \(state.step), and STOP is named STOPPED; start the same command again to go on")
    }
  }
}
