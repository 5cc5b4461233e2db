// The lives of a run, from one start to the next: `lives.jsonl`. A run that is requeued again and again and never gets a
// step further must not go on for ever.
//
// A life leaves a line when it begins and one when it learns that it is to stop, before it writes its checkpoint. So a
// life that is killed while it writes is known to have been stopped, and where the next one begins tells how far it got.

import Checkpoints
import Foundation
import Recipes

/// A line of `lives.jsonl`.
struct LifeRecord: Codable, Equatable {
  enum Event: String, Codable {
    case started
    /// Asked to stop, by a signal or the time limit.
    case stopped
    /// Told the user that nothing moves.
    case refused
    /// Went back to an earlier step, or on with another recipe.
    case rewound
  }

  let event: Event
  /// Where the run was.
  let position: TrainingPosition
  /// Why it stopped.
  var reason: String?
  /// What the recipe says from here on.
  var changes: [RecipeChange]?
  /// Of the batch system.
  var job: String?
  let time: String

  init(
    _ event: Event, _ position: TrainingPosition, reason: String? = nil, changes: [RecipeChange]? = nil,
    job: String? = ProcessInfo.processInfo.environment["SLURM_JOB_ID"]
  ) {
    self.event = event
    self.position = position
    self.reason = reason
    self.changes = changes
    self.job = job
    time = ISO8601DateFormatter().string(from: Date())
  }

  /// How many of the latest lives began at a position and were stopped; lines that cannot be read are not there.
  ///
  /// A life that ended otherwise (killed, failed, by `STOP`) or began elsewhere ends the count.
  static func stopsInARow(_ text: String, at position: TrainingPosition) -> Int {
    let records = text.split(separator: "\n").compactMap {
      try? JSONDecoder().decode(LifeRecord.self, from: Data($0.utf8))
    }
    var count = 0
    var wasStopped = false
    for record in records.reversed() {
      switch record.event {
      case .stopped: wasStopped = true
      case .started where wasStopped && record.position == position:
        count += 1
        wasStopped = false
      default: return count
      }
    }
    return count
  }
}
