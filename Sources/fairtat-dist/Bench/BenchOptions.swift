// What all benchmarks are told.

import ArgumentParser

/// Options that the benchmarks share.
struct BenchOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Write the figures to a file as well.", valueName: "file"))
  var json: String?

  @Option(help: ArgumentHelp("End with 78 unless there are so many ranks.", valueName: "n"))
  var expectRanks: Int?

  func validate() throws {
    if let expectRanks, expectRanks < 1 { throw ValidationError("--expect-ranks takes a number from 1.") }
  }

  /// Refuses numbers below their least.
  static func check(_ counts: [(name: String, value: Int, least: Int)]) throws {
    for (name, value, least) in counts where value < least {
      throw ValidationError("\(name) takes a whole number from \(least).")
    }
  }
}
