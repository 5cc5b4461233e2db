// `fairtat-dist bench allreduce`: what a step sends, without the step.

import ArgumentParser
import Communication
import Networks
import Options
import Parallelism
import Recipes
import Reports

/// The subcommand `bench allreduce`.
struct AllreduceBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "allreduce",
    abstract: "Time the sum of gradients and BatchNorm's small exchanges between the ranks.",
    discussion: """
      Every figure is the slowest rank's. MPI's own sum, which adds in an order of its own, is what ours is held against.
      """)

  @Option(help: "Numbers of the gradient; those of the network if not given.")
  var floats: Int?

  @Option(help: "Logical shards of a batch.")
  var shards = 16

  @OptionGroup var network: ModelOptions

  @Option(help: "Steps of PGD, for the exchanges of a step.")
  var attackSteps = 10

  @Option(help: "Sums of gradients that are timed.")
  var repeats = 5

  @Option(help: "Small exchanges of each size that are timed.")
  var exchanges = 300

  @Option(help: "Seconds of a whole step, as bench step finds them, for the shares.")
  var stepSeconds: Double?

  @OptionGroup var common: BenchOptions

  func validate() throws {
    try ValueCheck.whole([
      ("--floats", floats, 1...1_000_000_000_000), ("--shards", shards, Limits.batch),
      ("--attack-steps", attackSteps, Limits.attackSteps), ("--repeats", repeats, BenchOptions.repeats),
      ("--exchanges", exchanges, BenchOptions.repeats),
    ])
    if let stepSeconds, !(stepSeconds > 0 && stepSeconds <= 1e9) {
      throw ValidationError("--step-seconds takes a number above 0, at most 1000000000.")
    }
  }

  func run() throws {
    try CommandOutcome.run {
      try Launching.run(expectedRanks: common.ranks.expectRanks) { communicator in
        let model = try network.recipe()
        try communicator.agree(
          on: "\(floats ?? 0) \(shards) \(model.title) \(attackSteps) \(repeats) \(exchanges)", what: "the command line"
        )
        let output = try ResultOutput(common.json, communicator)
        let figures = try ExchangeMeasurement(
          model, sizes: network.sizes(of: model), floats: floats, shards: shards, attackSteps: attackSteps,
          repeats: repeats,
          exchanges: exchanges, stepSeconds: stepSeconds, communicator)
        try FigureOutput.show(figures.table, output)
        try FigureOutput.write(figures, to: output)
      }
    }
  }
}
