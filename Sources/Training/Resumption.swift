// Taking up a run where it was left: which checkpoint, and whether this run may go on from it.

import Checkpoints
import Communication
import Failures
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

/// A run about to start in a directory where one may be.
struct Resumption {
  let document: RecipeDocument
  let directory: RunDirectory
  let run: Run
  let console: Console

  /// Whether there is no run yet; refuses what the user does not mean.
  func checkPresence(_ resume: ResumeRule) throws -> Bool {
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
  func restore(_ state: inout TrainingState) throws -> Bool {
    try run.communicator.fromRoot { () -> Bool in
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
  }

  private func check(_ header: CheckpointHeader) throws {
    let before = try RecipeDocument(name: header.recipeName, yaml: header.recipe, file: "the checkpoint's recipe")
    let differing = document.recipe.differences(from: before.recipe)
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
}
