// A training run from its start to its end: run directory, lock, resume, logs, checkpoints, requests to stop.

import Checkpoints
import Communication
import Failures
import Foundation
import Methods
import Recipes

/// What to do with a run that is there already.
package enum ResumeRule: Sendable {
  /// Go on with it; start where there is none.
  case auto
  /// Refuse.
  case never
  /// Refuse to start anew.
  case must
}

/// One training run in its directory.
package final class TrainingSession: TrainingObserver {
  private let document: RecipeDocument
  private let directory: RunDirectory
  private let run: Run
  private let console: Console
  private let communicator: any Communicator
  private let surroundings: Surroundings
  private let stopFile: StopFile
  private let pace: RankPace
  // Rank 0's.
  private var log: RunLog?
  private var lock: RunLock?
  private var lives: LineLog?

  private var keeper: CheckpointKeeper!
  private var lastCheckpoint = monotonicSeconds()
  private var last: EpochLine?
  private var recipe: Recipe { document.recipe }

  package init(
    _ document: RecipeDocument, directory: RunDirectory, run: Run, console: Console,
    surroundings: Surroundings = Surroundings()
  ) throws {
    self.document = document
    self.directory = directory
    self.run = run
    self.console = console
    self.surroundings = surroundings
    stopFile = StopFile(directory)
    communicator = run.communicator
    pace = try RankPace(run.communicator)
  }

  /// Trains, or goes on training.
  ///
  /// - Parameter environment: what `environment.json` says.
  /// - Returns: the last epoch; nil where the run was finished already, or a file `STOP` ended it.
  /// - Throws: `Failure`; `.requeue` after a signal or at the end of the time, once the checkpoint is durable; `.internal`
  ///   where that happened twice before and the run got no further.
  package func train(resume: ResumeRule, environment: Data) throws -> EpochLine? {
    let isRoot = communicator.rank == 0
    var state = run.initialState()
    lock = try communicator.onRoot { () -> RunLock in
      // What can fail for the user's reasons comes before anything is created.
      let isNew = try checkPresence(resume)
      if isNew, let path = recipe.model.startFrom {
        do {
          try CheckpointContent.readStart(path, into: &state.model)
        } catch let failure as Failure {
          throw Failure(failure.code, "model.start-from: \(failure.message)")
        }
      }
      try directory.create()
      let lock = try RunLock.acquire(directory.lock)
      lock.keepBeating(every: 20)
      return lock
    }
    defer { lock?.release() }
    if let note = lock?.note { console.say(note) }
    let isResumed = try restore(&state)
    if isResumed {
      try state.broadcast(communicator)
      if state.epoch >= recipe.training.epochs {
        console.say("\(directory.path) is finished: \(state.epoch) epochs, \(state.step) steps")
        return nil
      }
    } else if recipe.model.startFrom != nil {
      try state.broadcast(communicator)
    }
    guard try begins(at: state) else { return nil }
    if isResumed {
      console.say("going on from step \(state.step) (epoch \(state.epoch + 1), step \(state.stepInEpoch) of it)")
    }
    _ = try communicator.onRoot {
      try AtomicFile.write(document.yaml(), to: directory.recipe)
      try AtomicFile.write(environment, to: directory.environment)
      console.log = try LineLog(directory.log)
      log = try RunLog(
        directory, console: console, classNames: run.classNames, epochs: recipe.training.epochs,
        stepsPerEpoch: stepsPerEpoch, state: state)
    }
    if isRoot { for note in run.notes + [surroundings.limit?.announcement].compactMap({ $0 }) { console.say(note) } }
    keeper = CheckpointKeeper(
      document, directory: directory, run: run, console: console, durable: isResumed ? state.position : nil,
      write: surroundings.write)
    defer { keeper.finish() }
    run.stop.request = { [unowned self] in request() }
    let trainer = Trainer(run, from: state)
    do {
      try trainer.train(self)
    } catch let interruption as Interruption {
      try end(trainer.state, on: interruption.request)
      return nil
    }
    return last
  }

  private var stepsPerEpoch: Int {
    (run.split.train.count + recipe.training.batchSize - 1) / recipe.training.batchSize
  }

  // MARK: - Resume

  /// Whether there is no run yet; refuses what the user does not mean.
  private func checkPresence(_ resume: ResumeRule) throws -> Bool {
    let isThere = !(try directory.store.list().isEmpty)
    if resume == .must && !isThere {
      throw Failure(.configuration, "\(directory.path) holds no checkpoint to resume from; leave out --resume must")
    }
    if resume == .never && isThere {
      throw Failure(
        .cannotCreate, "\(directory.path) holds a run already; choose another --run, or leave out --resume never")
    }
    return !isThere
  }

  /// On rank 0 reads the newest whole checkpoint; whether there is one is known to all.
  private func restore(_ state: inout TrainingState) throws -> Bool {
    let found = try communicator.onRoot { () -> Bool in
      for line in try directory.store.removeLeftovers() { console.say(line) }
      let found = try directory.store.newestWhole()
      guard let checkpoint = found.checkpoint else {
        // Beginning anew would write over what may be days of work.
        if let reason = found.notes.first {
          throw Failure(
            .badData,
            "no checkpoint in \(directory.checkpoints) is whole (\(reason)): put back a good copy, or choose another --run"
          )
        }
        return false
      }
      for note in found.notes { console.say("\(note); taking \(checkpoint.directory)") }
      try check(CheckpointContent.header(checkpoint))
      _ = try CheckpointContent.restore(&state, from: checkpoint)
      for note in try directory.store.setAside(after: checkpoint.step) { console.say(note) }
      return true
    }
    return try communicator.broadcast(found ?? false)
  }

  private func check(_ header: CheckpointHeader) throws {
    let before = try RecipeDocument(name: header.recipeName, yaml: header.recipe, file: "the checkpoint's recipe")
    let differing = recipe.differences(from: before.recipe)
    guard differing.isEmpty else {
      throw Failure(
        .configuration,
        "\(directory.path) was trained with another recipe: \(differing.joined(separator: ", ")); choose another --run, or "
          + "set them as they were")
    }
    guard header.dataDigest == run.dataset.digest else {
      throw Failure(
        .configuration, "\(directory.path) was trained on other data; give the same, or choose another --run")
    }
  }

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
      try keeper.saveLast(state, lock)
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
    if let warning { console.say(warning) }
    return times
  }

  private func save(_ state: TrainingState) throws {
    try keeper.save(state, lock)
    lastCheckpoint = monotonicSeconds()
  }

  /// Clocks differ: rank 0's decides.
  private func minutesAreOver() throws -> Bool {
    let minutes = recipe.checkpoint.everyMinutes.value
    guard minutes > 0 else { return false }
    return try communicator.broadcast(monotonicSeconds() - lastCheckpoint >= minutes * 60)
  }

  // MARK: - Stopping

  /// What this rank was asked; the file and the clock are looked at by rank 0.
  private func request() -> StopRequest {
    if communicator.rank == 0, stopFile.wasSeen() { return .file }
    if surroundings.signalled() { return .signal }
    guard communicator.rank == 0, let limit = surroundings.limit else { return .none }
    if let seconds = keeper.slowest { limit.note(checkpoint: seconds) }
    return limit.isReached() ? .timeLimit : .none
  }

  /// Whether there is reason to begin; false where the user has put a `STOP` there.
  private func begins(at state: TrainingState) throws -> Bool {
    let stops = try communicator.onRoot { () -> Bool in
      if stopFile.exists {
        try stopFile.acknowledge()
        console.say(
          "there was a STOP in \(directory.path), which is named STOPPED now: nothing was done; start again to go on")
        return true
      }
      let stops = LifeRecord.stopsInARow(
        (try? String(contentsOfFile: directory.lives, encoding: .utf8)) ?? "", at: state.position)
      lives = try LineLog(directory.lives)
      if stops >= 2 {
        record(LifeRecord(.refused, state.position))
        throw Failure(
          .internal,
          "the last \(stops) starts were stopped before step \(state.step + 1) was done: give the run more time (a longer "
            + "--time or --max-wall, a signal nearer to the end); another start tries again")
      }
      record(LifeRecord(.started, state.position))
      return false
    }
    return try communicator.broadcast(!(stops ?? false))
  }

  /// A run does not end for the want of a record.
  private func record(_ life: LifeRecord) {
    do {
      try lives?.append(jsonLine(life))
    } catch {
      console.say("warning: \(error)")
    }
  }

  /// Keeps what is whole, and says how to go on.
  private func end(_ state: TrainingState, on request: StopRequest) throws {
    // Rank 0 knows the limit.
    let reason = try communicator.broadcast(
      request == .file ? "STOP" : request == .signal ? "a signal" : surroundings.limit?.source ?? "the time limit")
    if request != .file { record(LifeRecord(.stopped, state.position, reason: reason)) }
    console.say("stopping for \(reason): checkpoint at step \(state.step)")
    try keeper.saveLast(state, lock)
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
