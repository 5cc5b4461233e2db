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

  /// Ends the process of a rank whose host does not move any more; the launcher ends the others.
  static let stalls = StallHandler(
    say: { CommandOutcome.report(Failure(.stalled, $0)) },
    end: { failure in
      if let failure {
        CommandOutcome.report(failure)
        // The launcher reads the line before it hears of the end.
        usleep(100_000)
      }
      _exit(ExitCode.stalled.rawValue)
    })

  /// The threads of this rank: as told, else one for each physical core of its share; a call of all ranks.
  static func threads(_ told: Int?, _ communicator: any Communicator, _ console: Console) throws -> Int {
    let own = CoreShare(host: communicator.hostName)
    let all = try communicator.allGather(coded: own)
    let share = own.threads(among: all)
    guard let told else { return share }
    if told > share {
      console.note(
        "warning: \(told) threads a rank on \(share) core\(share == 1 ? "" : "s") a rank: they will wait for each other"
      )
    }
    return told
  }
}
