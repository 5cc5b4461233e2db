// What all benchmarks are told.

import ArgumentParser

/// Options that the benchmarks share.
struct BenchOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Write the figures to a file as well.", valueName: "file"))
  var json: String?

  @OptionGroup var ranks: RankOptions
}
