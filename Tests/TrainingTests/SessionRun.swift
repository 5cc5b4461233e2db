// Sessions on ranks that are threads, in surroundings that a test makes.

import Checkpoints
import Communication
import Foundation
import LocalRanks
import Recipes
import Training

/// Runs a session to its end.
///
/// - Parameters:
///   - surround: the surroundings of a rank.
///   - wrap: what a rank takes for the group.
/// - Returns: the last epoch line.
@discardableResult
func runSession(
  _ files: RunFiles, _ recipe: Recipe, ranks: Int, threads: Int = 1, resume: ResumeRule = .auto,
  surround: @escaping @Sendable (_ rank: Int) -> Surroundings = { _ in Surroundings() },
  wrap: @escaping @Sendable (any Communicator) -> any Communicator = { $0 }
) throws -> EpochLine? {
  try LocalGroup.run(size: ranks) { group in
    let communicator = wrap(group)
    let run = try Run(recipe: recipe, communicator: communicator, threads: threads, trains: true)
    let console = Console(.silent, isRoot: communicator.rank == 0)
    let session = TrainingSession(
      recipe.document, directory: RunDirectory(files.run), run: run, console: console,
      surroundings: surround(communicator.rank))
    return try session.train(resume: resume, environment: Data("{}".utf8))
  }[0]
}

extension Surroundings {
  /// A signal before exchange `n`, counted from 0.
  static func signal(atExchange n: Int) -> Surroundings {
    var surroundings = Surroundings()
    var asked = -1
    surroundings.signalled = {
      asked += 1
      return asked >= n
    }
    return surroundings
  }

  /// A time that ends in so many seconds.
  static func limit(_ remaining: Double) -> Surroundings {
    var surroundings = Surroundings()
    surroundings.limit = TimeLimit(remaining: remaining, source: "--max-wall", bytes: 0)
    return surroundings
  }
}
