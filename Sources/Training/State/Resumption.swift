// Taking up a run where it was left: which checkpoint, and whether this run may go on from it.

import Checkpoints
import Communication
import Datasets
import Failures
import Recipes

/// What to do with a run that is there already.
package enum ResumeRule: Equatable, Sendable {
  /// Go on with it; start where there is none.
  case auto
  /// Refuse.
  case never
  /// Refuse to start anew.
  case must
  /// Go back to a step, and on from there with the recipe given.
  case rewind(RewindTarget)
}

/// Where a run begins this time.
enum Beginning: Codable, Sendable {
  case anew
  /// From its newest checkpoint; its returns to earlier steps before.
  case resumed([Rewind])
  /// From the checkpoint that the last of these went back to, which is to be written again.
  case rewound([Rewind])

  var isAnew: Bool { if case .anew = self { true } else { false } }
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

  /// On rank 0 reads the newest whole checkpoint, or the one to go back to; which of it was is known to all, and all hold out
  /// what its run does.
  func restore(_ state: inout TrainingState, _ resume: ResumeRule) throws -> Beginning {
    let beginning = try run.communicator.fromRoot { () -> Beginning in
      for line in try directory.store.removeLeftovers() { console.say(line) }
      if case .rewind(let target) = resume, let rewind = try rewind(&state, to: target) { return .rewound(rewind) }
      let found = try directory.store.newestWhole()
      guard let checkpoint = found.checkpoint else {
        // Beginning anew would write over what may be days of work.
        if let reason = found.notes.first {
          throw Failure(
            .badData,
            "no checkpoint in \(directory.checkpoints) is whole (\(reason)): put back a good copy, or choose another --run"
          )
        }
        return .anew
      }
      for note in found.notes { console.note("\(note); taking \(checkpoint.directory)") }
      try check(CheckpointContent.header(checkpoint))
      let header = try CheckpointContent.restore(&state, from: checkpoint)
      for note in try directory.store.setAside(after: checkpoint.step) { console.say(note) }
      return .resumed(header.history ?? [])
    }
    run.holdOut(by: try run.communicator.fromRoot { run.split.rule })
    return beginning
  }

  private func check(_ header: CheckpointHeader) throws {
    let changes = document.recipe.changes(from: try header.readRecipe())
    guard changes.isEmpty else {
      let mayChange = changes.allSatisfy { Recipe.amendable.contains($0.path) }
      throw Failure(
        .configuration,
        "\(directory.path) was trained with another recipe: \(changes.map(\.path).joined(separator: ", ")); choose another "
          + "--run, or set them as they were"
          + (mayChange ? ", or go on with the new ones: --rewind last, or --rewind STEP from an earlier one" : ""))
    }
    try checkData(header)
  }

  /// Whether a checkpoint is of this run's data; from here on the run holds out what that one did.
  func checkData(_ header: CheckpointHeader) throws {
    guard header.dataDigest == run.dataset.digest else {
      throw Failure(
        .configuration, "\(directory.path) was trained on other data; give the same, or choose another --run")
    }
    run.holdOut(by: header.holdOut ?? .roundedDown)
    if let fault = header.fault(in: run) {
      throw Failure(.badData, "the checkpoint in \(directory.path) is no state of this run: \(fault)")
    }
  }
}
