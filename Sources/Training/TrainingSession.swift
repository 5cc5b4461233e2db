// A training run from its start to its end: run directory, lock, resume, logs, checkpoints, signals.

import CPlatform
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
  private var log: RunLog?
  private let pace: RankPace
  /// Rank 0's.
  private var lock: RunLock?
  private var lastCheckpoint = monotonicSeconds()
  private var failedCheckpoints = 0
  /// Set by a signal: the run ends after the current step.
  private var isInterrupted = false
  private var last: EpochLine?
  private var recipe: Recipe { document.recipe }

  package init(_ document: RecipeDocument, directory: RunDirectory, run: Run, console: Console) throws {
    self.document = document
    self.directory = directory
    self.run = run
    self.console = console
    communicator = run.communicator
    pace = try RankPace(run.communicator)
  }

  /// Trains, or goes on training.
  ///
  /// - Parameter environment: what `environment.json` says.
  /// - Returns: the last epoch, nil where the run was finished already.
  /// - Throws: `Failure`; `.requeue` after a signal, once the checkpoint is durable.
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
    platform_signals_install()

    if try restore(&state) {
      try state.broadcast(communicator)
      if state.epoch >= recipe.training.epochs {
        console.say("\(directory.path) is finished: \(state.epoch) epochs, \(state.step) steps")
        return nil
      }
      console.say("going on from step \(state.step) (epoch \(state.epoch + 1), step \(state.stepInEpoch) of it)")
    } else if recipe.model.startFrom != nil {
      try state.broadcast(communicator)
    }
    _ = try communicator.onRoot {
      try AtomicFile.write(document.yaml(), to: directory.recipe)
      try AtomicFile.write(environment, to: directory.environment)
      console.log = try LineLog(directory.log)
      log = try RunLog(
        directory, console: console, classNames: run.classNames, epochs: recipe.training.epochs,
        stepsPerEpoch: stepsPerEpoch, state: state)
    }
    if isRoot { for note in run.dataset.notes { console.say(note) } }
    try Trainer(run, from: state).train(self)
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
    if try signalled() {
      isInterrupted = true
      // At the end of an epoch its line comes first.
      if state.stepInEpoch < steps {
        try interrupt(state)
      }
      return true
    }
    let everySteps = recipe.checkpoint.everySteps
    if state.stepInEpoch < steps, everySteps > 0 && state.step % everySteps == 0 { try save(state, isLast: false) }
    if state.stepInEpoch < steps, try minutesAreOver() { try save(state, isLast: false) }
    return true
  }

  package func epochEnded(_ line: EpochLine, _ state: TrainingState) throws -> Bool {
    last = line
    try log?.epoch(line)
    let every = recipe.checkpoint.everyEpochs
    if line.isLast || line.isBest || every > 0 && (line.epoch + 1) % every == 0 {
      try save(state, isLast: line.isLast)
    }
    if isInterrupted && !line.isLast { try interrupt(state) }
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

  /// Whether any rank received a signal; all ranks learn the same.
  private func signalled() throws -> Bool {
    let own = platform_signals_received() != 0 ? 1 : 0
    return try communicator.maximum(own) > 0
  }

  private func interrupt(_ state: TrainingState) throws -> Never {
    try save(state, isLast: true)
    throw Failure(.requeue, "checkpointed at step \(state.step) on a signal; start the same command again to go on")
  }

  /// Clocks differ: rank 0's decides.
  private func minutesAreOver() throws -> Bool {
    let minutes = recipe.checkpoint.everyMinutes.value
    guard minutes > 0 else { return false }
    return try communicator.broadcast(monotonicSeconds() - lastCheckpoint >= minutes * 60)
  }

  // MARK: - Checkpoints

  /// Rank 0 writes; a periodic checkpoint that fails warns, three in a row or the last one end the run.
  private func save(_ state: TrainingState, isLast: Bool) throws {
    run.heartbeat.enter(.checkpoint)
    try communicator.agree(
      on: state.digest(), what: "the state at step \(state.step)", code: .internal,
      cure: "resume from the last checkpoint; if it happens again, look for a faulty host among them")
    // A checkpoint without numbers would be the newest, and of no use to anybody.
    guard state.model.isFinite else {
      throw Failure(
        .internal,
        "the weights overflowed in step \(state.step), epoch \(state.epoch) (from 0): nothing was saved; lower "
          + "training.learning-rate (\(recipe.training.learningRate)) and start again")
    }
    _ = try communicator.onRoot {
      try lock?.check()
      do {
        let header = state.header(
          recipeName: document.name, recipe: document.yaml(), dataDigest: run.dataset.digest,
          classNames: run.classNames)
        _ = try directory.store.write(step: state.step, files: try CheckpointContent.files(state, header: header))
        let kept = Set([state.best?.step].compactMap { $0 })
        for note in directory.store.retain(last: max(1, recipe.checkpoint.keep), alsoKeeping: kept) {
          console.say(note)
        }
        if let best = state.best {
          try AtomicFile.write(try jsonLine(best) + "\n", to: directory.file("best.json"))
        }
        failedCheckpoints = 0
      } catch let failure as Failure {
        failedCheckpoints += 1
        if isLast || failedCheckpoints >= 3 { throw Failure(.inputOutput, failure.message) }
        console.say("warning: no checkpoint at step \(state.step): \(failure.message)")
      }
    }
    lastCheckpoint = monotonicSeconds()
  }
}
