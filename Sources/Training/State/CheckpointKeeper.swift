// When and how the state of a run gets to the disk: rank 0 copies it and a thread writes the copy while all go on training;
// what a run leaves when it ends is written before anybody goes.

import Checkpoints
import Communication
import Failures
import Foundation
import Methods
import Recipes

/// How a checkpoint is made; tests bring slow and failing disks.
package typealias CheckpointWriting = @Sendable (CheckpointStore, _ step: Int, [CheckpointFile]) throws -> Void

/// Saves the state of a run, one checkpoint at a time. The same calls on every rank.
final class CheckpointKeeper {
  private let document: RecipeDocument
  private let directory: RunDirectory
  private let run: Run
  private let console: Console
  private let surroundings: Surroundings
  private var communicator: any Communicator { run.communicator }

  // Rank 0's.
  /// The copy that is written; made when the first checkpoint of a run that goes on is due.
  private var copy: TrainingState?
  private var writing: (task: BackgroundTask<Written>, position: TrainingPosition)?
  private var failures = 0
  /// The returns to earlier steps so far; they go into every checkpoint.
  var history: [Rewind] = []
  /// Whether the user was told that checkpoints are written while all wait.
  private var knowsNoThread = false
  /// The position whose checkpoint is known to be on the disk.
  private var durable: TrainingPosition?

  /// What a thread has to tell.
  private struct Written: Sendable {
    var notes: [String]
    var seconds: Double
  }

  /// - Parameter surroundings: what writes, and the limit of time, which is told how long that takes.
  init(
    _ document: RecipeDocument, directory: RunDirectory, run: Run, console: Console, surroundings: Surroundings
  ) {
    self.document = document
    self.directory = directory
    self.run = run
    self.console = console
    self.surroundings = surroundings
  }

  /// Takes note of where the run was taken up, and how it came there.
  func resumed(at position: TrainingPosition, _ history: [Rewind]) {
    durable = position
    self.history = history
  }

  /// Saves while the run goes on: returns when the state is copied, and the checkpoint before it is on the disk.
  ///
  /// One that fails is a warning, at the next call.
  ///
  /// - Parameters:
  ///   - lock: rank 0's.
  ///   - log: rank 0's; its lines up to here are made durable first.
  /// - Throws: `Failure(.inputOutput)` where the last three could not be written.
  func save(_ state: TrainingState, _ lock: RunLock?, flushing log: RunLog?) throws {
    try agree(state)
    _ = try communicator.onRoot {
      if let failure = settle(), failures >= 3 { throw Failure(.inputOutput, "\(failure), three times in a row") }
      try lock?.check()
      do {
        try log?.flush()
      } catch {
        if fail(error, at: state.position) >= 3 { throw Failure(.inputOutput, "\(error), three times in a row") }
        return
      }
      var copy = copy ?? state.withOwnMemory()
      copy.copy(from: state)
      self.copy = copy
      let task = BackgroundTask(writer(of: copy))
      writing = (task, state.position)
      if task.wasForeground && !knowsNoThread {
        knowsNoThread = true
        console.note("warning: there is no thread to write checkpoints: all ranks wait for each")
      }
    }
  }

  /// Saves before the run ends: returns when the checkpoint is durable.
  ///
  /// - Throws: `Failure(.inputOutput)` where it cannot be written.
  func saveLast(_ state: TrainingState, _ lock: RunLock?, flushing log: RunLog?) throws {
    try agree(state)
    _ = try communicator.onRoot {
      settle()
      guard durable != state.position else { return }
      try lock?.check()
      do {
        try log?.flush()
        note(try writer(of: state)(), state.position)
      } catch let failure as Failure {
        throw Failure(.inputOutput, failure.message)
      }
    }
  }

  /// Waits for a checkpoint that is being written; rank 0's, before it leaves for whatever reason.
  func finish() {
    if let task = writing?.task { _ = task.wait() }
    writing = nil
  }

  /// Takes note of the checkpoint that was being written, if any, and waits for it where that is needed.
  ///
  /// - Returns: why it could not be written; the user has been told.
  @discardableResult
  private func settle() -> String? {
    guard let (task, position) = writing else { return nil }
    writing = nil
    let start = monotonicSeconds()
    let outcome = task.wait()
    let waited = monotonicSeconds() - start
    if waited > 1 {
      console.say(String(format: "waited %.1f s for the checkpoint of step %d to be written", waited, position.step))
    }
    switch outcome {
    case .success(let written):
      note(written, position)
      return nil
    case .failure(let error):
      _ = fail(error, at: position)
      return "\(error)"
    }
  }

  /// Tells the user of a checkpoint that could not be written.
  ///
  /// - Returns: how many of the latest could not.
  private func fail(_ error: any Error, at position: TrainingPosition) -> Int {
    failures += 1
    console.note("warning: no checkpoint at step \(position.step): \(error)")
    return failures
  }

  private func note(_ written: Written, _ position: TrainingPosition) {
    (failures, durable) = (0, position)
    surroundings.limit?.note(checkpoint: written.seconds)
    for note in written.notes { console.note(note) }
  }

  /// What writes a state, and makes room for it, on any thread.
  private func writer(of state: TrainingState) -> @Sendable () throws -> Written {
    let header = state.header(document, run, history: history)
    let (directory, keep, write) = (directory, max(1, document.recipe.checkpoint.keep), surroundings.write)
    return {
      let start = monotonicSeconds()
      try write(directory.store, state.step, try CheckpointContent.files(state, header: header))
      let best = Set([state.best?.step].compactMap { $0 })
      let notes = directory.store.retain(last: keep, alsoKeeping: best)
      if let best = state.best { try AtomicFile.write(try jsonLine(best) + "\n", to: directory.file("best.json")) }
      return Written(notes: notes, seconds: monotonicSeconds() - start)
    }
  }

  /// Nothing wrong is written.
  private func agree(_ state: TrainingState) throws {
    run.heartbeat.enter(.checkpoint)
    try communicator.agree(
      on: state.digest(), what: "the state at step \(state.step)", code: .internal,
      cure: "resume from the last checkpoint; if it happens again, look for a faulty host among them")
    // A checkpoint without numbers would be the newest, and of no use to anybody.
    guard state.isFinite else {
      throw Divergence(
        what: "the weights overflowed by step \(state.step), in epoch \(state.epoch + 1), and were not saved",
        learningRate: run.lastLearningRate(state))
    }
  }
}
