// How a subcommand joins the other ranks, and how many threads it gives itself.

import CPlatform
import Communication
import Failures
import Foundation
import Training

/// Joins the ranks of this launch.
enum Launching {
  /// Runs `body` in the group of this launch; errors are told by one rank.
  static func run(expectedRanks: Int?, _ body: (any Communicator) throws -> Void) throws {
    platform_set_rounding()
    try World.run(expectedRanks: expectedRanks, report: { CommandOutcome.report($0) }, body)
  }

  /// The threads of this rank: as told, else the cores that it is bound to, or its share of the host's where it is not
  /// bound.
  static func threads(_ told: Int?, _ communicator: any Communicator, _ console: Console) -> Int {
    let bound = Int(platform_core_count())
    let all = ProcessInfo.processInfo.processorCount
    let share = bound < all || communicator.nodeSize == 1 ? bound : bound / communicator.nodeSize
    guard let told else { return max(1, share) }
    if told > max(1, share) {
      console.say("warning: \(told) threads a rank on \(max(1, share)) cores a rank: they will wait for each other")
    }
    return told
  }
}
