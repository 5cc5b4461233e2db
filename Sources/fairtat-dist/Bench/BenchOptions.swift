// What all benchmarks are told.

import ArgumentParser

/// Options that the benchmarks share.
struct BenchOptions: ParsableArguments {
  /// How often something may be measured.
  static let repeats = 1...1_000_000

  @Option(help: ArgumentHelp("Write the figures to a file as well.", valueName: "file"))
  var json: String?

  @OptionGroup var ranks: RankOptions
}
