// Going back to an earlier step of a run, on purpose and on record: with a smaller learning rate after weights that became no
// numbers, or from the last step with more epochs.
//
// The checkpoint gone back to is written again with the recipe from there on and the history so far. So a rewind that is
// done is known to be, and the same command goes on like any other.

import Recipes

/// The step that a run goes back to.
package enum RewindTarget: Equatable, Sendable, CustomStringConvertible {
  /// A checkpoint's, or 0 for the beginning.
  case step(Int)
  /// The newest checkpoint's: nothing is undone.
  case last

  /// Reads a step, or `last`; nil for anything else.
  package init?(_ text: String) {
    if text == "last" {
      self = .last
    } else if let step = Int(text), step >= 0 {
      self = .step(step)
    } else {
      return nil
    }
  }

  package var description: String {
    switch self {
    case .step(let step): "\(step)"
    case .last: "last"
    }
  }
}

/// One return of a run to an earlier step; part of every later checkpoint, and so without the hour, which stands in
/// `lives.jsonl`.
package struct Rewind: Codable, Equatable, Sendable {
  /// Steps of the newest checkpoint there was, and of the one gone back to.
  package let from: Int, to: Int
  /// What the recipe says from there on.
  package let changes: [RecipeChange]

  /// For the log.
  var line: String {
    let what = changes.isEmpty ? "with the same recipe" : changes.map(\.description).joined(separator: ", ")
    return from == to
      ? "going on from step \(to) with another recipe: \(what)" : "back from step \(from) to \(to): \(what)"
  }
}
