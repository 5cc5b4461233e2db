// A training run from its start to its end: run directory, lock, resume, logs, checkpoints, requests to stop.

import Checkpoints
import Communication
import Failures
import Foundation
import Methods
import Recipes

/// One training run in its directory.
package final class TrainingSession: TrainingObserver {
  private let document: RecipeDocument
  private let directory: RunDirectory
  private let run: Run
  private let console: Console
  private let communicator: any Communicator
  private let surroundings: Surroundings
  private let stopping: Stopping
  private let pace: RankPace
  private let keeper: CheckpointKeeper
  // Rank 0's.
  private var log: RunLog?
  private var lock: RunLock?

  private var lastCheckpoint = monotonicSeconds()
  private var last: EpochLine?
  private var recipe: Recipe { document.recipe }

  package init(
    _ document: RecipeDocument, directory: RunDirectory, run: Run, console: Console,
    surroundings: Surroundings = Surroundings()
  ) {
    self.document = document
    self.directory = directory
    self.run = run
    self.console = console
    self.surroundings = surroundings
    keeper = CheckpointKeeper(
      document, directory: directory, run: run, console: console, surroundings: surroundings)
    stopping = Stopping(directory, run: run, console: console, surroundings: surroundings)
    communicator = run.communicator
    pace = RankPace(run.communicator, hosts: run.hosts)
  }

  /// Trains, or goes on training.
  ///
  /// - Parameter environment: what `environment.json` says.
  /// - Returns: the last epoch; nil where the run was finished already, or a file `STOP` ended it.
  /// - Throws: `Failure`; `.requeue` after a signal or at the end of the time, once the checkpoint is durable; `.internal`
  ///   where that happened twice before and the run got no further.
  package func train(resume: ResumeRule, environment: Data) throws -> EpochLine? {
    let isRoot = communicator.rank == 0
    let resumption = Resumption(document: document, directory: directory, run: run, console: console)
    var state = run.initialState()
    lock = try communicator.onRoot { () -> RunLock in
      // What can fail for the user's reasons comes before anything is created.
      let isNew = try resumption.checkPresence(resume)
      if isNew { try resumption.readStart(into: &state) }
      try directory.create()
      let lock = try RunLock.acquire(directory.lock)
      return lock
    }
    // Where no thread can be had for it, the lock beats at the exchanges.
    let beats = lock?.keepBeating(every: Self.beatSeconds) ?? true
    defer { lock?.release() }
    if let note = lock?.note { console.say(note) }
    let beginning = try resumption.restore(&state, resume)
    if !beginning.isAnew || recipe.model.startFrom != nil { try state.broadcast(communicator) }
    if state.epoch >= recipe.training.epochs {
      console.say(
        "\(directory.path) is finished: \(state.epoch) epochs, \(state.step) steps; for more of them give --rewind last "
          + "with another --epochs")
      return nil
    }
    guard try stopping.begins(at: state) else { return nil }
    if case .resumed(let history) = beginning {
      keeper.resumed(at: state.position, history)
      console.say("going on from step \(state.step) (epoch \(state.epoch + 1), step \(state.stepInEpoch) of it)")
    }
    _ = try communicator.onRoot {
      try AtomicFile.write(document.yaml(), to: directory.recipe)
      try AtomicFile.write(environment, to: directory.environment)
      console.log = PatientLog(try LineLog(directory.log))
      log = try RunLog(
        directory, console: console, classNames: run.classNames, epochs: recipe.training.epochs,
        stepsPerEpoch: run.stepsPerEpoch, state: state)
    }
    if isRoot {
      let notes = run.startNotes + run.notes + run.notes(on: state.model) + surroundings.notes
      for note in notes { console.note(note) }
      if let announcement = surroundings.limit?.announcement { console.say(announcement) }
    }
    defer { keeper.finish() }
    if case .rewound(let history) = beginning {
      keeper.history = history
      if let rewind = history.last { console.say(rewind.line) }
      try keeper.saveLast(state, lock, flushing: log)
    }
    if !beats { console.note("warning: there is no thread for the heartbeat of the lock: it beats at the exchanges") }
    run.stop.request = { [stopping, lock] in
      if !beats { lock?.beat(every: Self.beatSeconds) }
      return stopping.request()
    }
    let trainer = Trainer(run, from: state)
    do {
      try trainer.train(self)
    } catch let divergence as Divergence {
      keeper.finish()
      // The same on every rank; rank 0 speaks, and sees the checkpoints.
      throw divergence.failure(steps: isRoot ? try directory.store.list().map(\.step) : [])
    } catch let interruption as Interruption {
      let state = trainer.state
      try stopping.end(state, on: interruption.request) { try keeper.saveLast(state, lock, flushing: log) }
      return nil
    }
    return last
  }

  /// Between two heartbeats of the lock.
  private static let beatSeconds = 20.0

  // MARK: - Events

  package func stepEnded(_ line: StepLine, of steps: Int, _ state: TrainingState) throws -> Bool {
    let ranks = try rankTimes(line, isLast: state.stepInEpoch == steps)
    try log?.step(line, ranks)
    // At the end of an epoch its line comes first.
    guard state.stepInEpoch < steps else { return true }
    let every = recipe.checkpoint.everySteps
    let isDue = every > 0 && state.step % every == 0
    if try minutesAreOver() || isDue { try save(state) }
    return true
  }

  package func epochEnded(_ line: EpochLine, _ state: TrainingState) throws -> Bool {
    last = line
    try log?.epoch(line)
    let every = recipe.checkpoint.everyEpochs
    if line.isLast {
      try keeper.saveLast(state, lock, flushing: log)
    } else if line.isBest || every > 0 && (line.epoch + 1) % every == 0 {
      try save(state)
    }
    return true
  }

  /// The ranks' times where a line of the log is due.
  private func rankTimes(_ line: StepLine, isLast: Bool) throws -> RankTimes? {
    pace.add(line)
    guard isLast || line.step % recipe.training.logEvery == 0 else { return nil }
    let (times, warning) = try pace.take(now: monotonicSeconds())
    if let warning { console.note(warning) }
    return times
  }

  private func save(_ state: TrainingState) throws {
    try keeper.save(state, lock, flushing: log)
    lastCheckpoint = monotonicSeconds()
  }

  /// Clocks differ: rank 0's decides.
  private func minutesAreOver() throws -> Bool {
    let minutes = recipe.checkpoint.everyMinutes.value
    guard minutes > 0 else { return false }
    return try communicator.broadcast(monotonicSeconds() - lastCheckpoint >= minutes * 60)
  }
}
