// The option that guards a launch of ranks.

import ArgumentParser

/// How many ranks there must be.
struct RankOptions: ParsableArguments {
  @Option(help: ArgumentHelp("End with 78 unless there are so many ranks.", valueName: "n"))
  var expectRanks: Int?

  func validate() throws { try ValueCheck.whole([("--expect-ranks", expectRanks, ValueCheck.ranks)]) }
}
