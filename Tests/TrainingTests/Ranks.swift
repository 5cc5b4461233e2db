// Trains a recipe on ranks that are threads of this process.

import LocalRanks
import Recipes
import Training

/// What a run said and left on one rank.
struct Trained: Sendable {
  var steps: [StepLine] = []
  var epochs: [EpochLine] = []
  /// The state in the end.
  var state: TrainingState?

  var digests: [String] { epochs.map(\.digest) }
}

/// Keeps what a trainer says.
private final class Recorder: TrainingObserver {
  var trained = Trained()
  let eachStep: (TrainingState) -> Void
  let eachEpoch: (TrainingState) -> Void

  init(eachStep: @escaping (TrainingState) -> Void, eachEpoch: @escaping (TrainingState) -> Void) {
    self.eachStep = eachStep
    self.eachEpoch = eachEpoch
  }

  func stepEnded(_ line: StepLine, of steps: Int, _ state: TrainingState) -> Bool {
    trained.steps.append(line)
    eachStep(state)
    return true
  }

  func epochEnded(_ line: EpochLine, _ state: TrainingState) -> Bool {
    trained.epochs.append(line)
    trained.state = state
    eachEpoch(state)
    return true
  }
}

/// Trains to the end, without files.
///
/// - Parameter eachStep, eachEpoch: called on every rank with the state, whose memory the next step overwrites.
/// - Returns: what each rank has, by rank.
func train(
  _ recipe: Recipe, ranks: Int = 1, threads: Int = 1,
  eachStep: @escaping @Sendable (TrainingState) -> Void = { _ in },
  eachEpoch: @escaping @Sendable (TrainingState) -> Void = { _ in }
) throws -> [Trained] {
  try LocalGroup.run(size: ranks) { communicator in
    let run = try Run(recipe: recipe, communicator: communicator, threads: threads, trains: true)
    let recorder = Recorder(eachStep: eachStep, eachEpoch: eachEpoch)
    try Trainer(run, from: run.initialState()).train(recorder)
    return recorder.trained
  }
}
