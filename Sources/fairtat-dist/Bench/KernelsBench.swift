// `fairtat-dist bench kernels`: every layer of the network by itself, one thread a rank.

import ArgumentParser
import Communication
import Networks
import Options
import Parallelism
import Recipes
import Reports

/// The subcommand `bench kernels`.
struct KernelsBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kernels",
    abstract: "Time every layer in every direction by every algorithm, one thread a rank.",
    discussion: """
      Algorithms take turns; figures are the slowest rank's. Effective GFLOP/s count the operations of the direct sum, real \
      ones the multiplications that the algorithm makes. The bound is the multiply-add peak or the bandwidth of memory, \
      whichever allows less.
      """)

  @OptionGroup var network: ModelOptions

  @Option(help: "Images of one rank.")
  var batch = 64

  @Option(help: "Steps of PGD, for the share of a step.")
  var attackSteps = 10

  @Option(help: "Seconds a row.")
  var seconds = 0.2

  @OptionGroup var common: BenchOptions

  func validate() throws {
    try ValueCheck.whole([
      ("--batch", batch, Limits.batch),
      ("--attack-steps", attackSteps, Limits.attackSteps),
    ])
    guard seconds > 0 && seconds <= 60 else { throw ValidationError("--seconds takes a number above 0, at most 60.") }
  }

  func run() throws {
    try CommandOutcome.run {
      try Launching.run(expectedRanks: common.ranks.expectRanks) { communicator in
        let model = try network.recipe()
        try communicator.agree(on: "\(model.title) \(batch) \(attackSteps) \(seconds)", what: "the command line")
        let output = try ResultOutput(common.json, communicator)
        let figures = try KernelMeasurement(
          model, sizes: network.sizes(of: model), images: batch, attackSteps: attackSteps, seconds: seconds,
          communicator)
        try output.print(figures.heading + "\n\n")
        for table in figures.tables { try FigureOutput.show(table, output) }
        try FigureOutput.write(figures, to: output)
      }
    }
  }
}
