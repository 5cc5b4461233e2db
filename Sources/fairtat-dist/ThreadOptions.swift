// The option for threads, where no recipe has them.

import ArgumentParser
import Options
import Recipes

/// Threads of every rank.
struct ThreadOptions: ParsableArguments {
  @Option(help: "Threads a rank: a number, or auto for the cores of its share.")
  var threads = "auto"

  /// nil for `auto`.
  var count: Int? { Int(threads) }

  func validate() throws {
    guard threads == "auto" || Limits.threads.contains(count ?? 0) else {
      throw ValidationError("--threads takes a number from 1 to \(Limits.threads.upperBound), or auto.")
    }
  }
}
