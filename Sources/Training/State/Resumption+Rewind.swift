// Going back to an earlier checkpoint of a run: what may be changed, what is set aside, what is written down.

import Checkpoints
import Failures
import Foundation
import Recipes

extension Resumption {
  /// Takes a run back; rank 0's.
  ///
  /// - Returns: the returns so far with this one at the end; nil where it was done before, so that the run goes on from its
  ///   newest checkpoint, and where there is nothing to go back from.
  /// - Throws: `Failure(.configuration)` for a step without a checkpoint, keys that may not change, nothing left to train.
  func rewind(_ state: inout TrainingState, to target: RewindTarget) throws -> [Rewind]? {
    let there = try directory.store.list()
    guard let newest = there.last else {
      guard target == .step(0) else {
        throw Failure(.configuration, "\(directory.path) holds no checkpoint: leave out --rewind \(target)")
      }
      return nil
    }
    if target == .step(0) { return try rewindToBeginning(&state, from: newest) }

    let found = try directory.store.newestWhole()
    guard let whole = found.checkpoint else { return nil }
    let last = try CheckpointContent.header(whole)
    let changes = document.recipe.changes(from: try last.readRecipe())
    let step = if case .step(let step) = target { step } else { whole.step }
    if changes.isEmpty, target == .last || last.history?.last?.to == step { return nil }

    guard there.contains(where: { $0.step == step }) else {
      throw Failure(
        .configuration,
        "\(directory.path) has no checkpoint of step \(step); there are \(there.map { "\($0.step)" }.joined(separator: ", ")), "
          + "and 0 for the beginning")
    }
    let checkpoint = try Checkpoint.verify("\(directory.checkpoints)/step-\(step)")
    let header = try CheckpointContent.header(checkpoint)
    let fixed = document.recipe.changes(from: try header.readRecipe()).filter { !Recipe.amendable.contains($0.path) }
    guard fixed.isEmpty else {
      throw Failure(
        .configuration,
        "\(fixed.map(\.path).joined(separator: ", ")) cannot change within a run: --rewind 0 begins anew, and another --run "
          + "with model.start-from=\(checkpoint.directory) goes on from its weights")
    }
    try checkData(header)
    guard header.epoch < document.recipe.training.epochs else {
      throw Failure(
        .configuration,
        "step \(step) is the end of epoch \(header.epoch) of \(document.recipe.training.epochs): raise training.epochs to go "
          + "on, or give an earlier step")
    }
    _ = try CheckpointContent.restore(&state, from: checkpoint)
    let rewind = Rewind(from: newest.step, to: step, changes: changes)
    try record(rewind, at: state, setAsideAfter: step)
    return (header.history ?? []) + [rewind]
  }

  /// Begins anew in the directory of a run, whatever its recipe was.
  private func rewindToBeginning(_ state: inout TrainingState, from newest: Checkpoint) throws -> [Rewind]? {
    let header = try? CheckpointContent.header(newest)
    let earlier = try? header.map { try $0.readRecipe() }
    let changes = earlier.map { document.recipe.changes(from: $0) } ?? []
    if changes.isEmpty, header?.dataDigest == run.dataset.digest, let last = header?.history?.last, last.to == 0 {
      return nil
    }
    try readStart(into: &state)
    let rewind = Rewind(from: newest.step, to: 0, changes: changes)
    try record(rewind, at: state, setAsideAfter: -1)
    return (header?.history ?? []) + [rewind]
  }

  private func record(_ rewind: Rewind, at state: TrainingState, setAsideAfter step: Int) throws {
    let lives = try LineLog(directory.lives)
    try lives.append(jsonLine(LifeRecord(.rewound, state.position, changes: rewind.changes)))
    for note in try directory.store.setAside(after: step) { console.say(note) }
    // The best epoch so far, if there was one, is written with the next checkpoint.
    if state.best == nil { unlink(directory.file("best.json")) }
  }

  /// Reads the weights that `model.start-from` names, if it does; rank 0's. What there is to say of them is with the run.
  func readStart(into state: inout TrainingState) throws {
    guard let path = document.recipe.model.startFrom else { return }
    run.startNotes = try run.start(state.model, from: path)
  }
}
