// `fairtat-dist evaluate`.

import ArgumentParser
import Failures
import Recipes

/// The subcommand `evaluate`.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measure clean and robust accuracy per class, on all ranks.",
    discussion: """
      The attack is untargeted PGD. Data, attack and threads are those of the checkpoint's recipe unless given; with \
      nothing given, the numbers of the run's last test are repeated exactly.

        fairtat-dist evaluate --checkpoint runs/synthetic-small-seed0
        mpirun -np 8 fairtat-dist evaluate --checkpoint DIR --weights fawa --steps 20
      """)

  @Option(help: ArgumentHelp("A checkpoint, or a run directory for its newest.", valueName: "dir"))
  var checkpoint: String

  @Option(help: "The weights as trained, or one of their averages.")
  var weights: WeightKind = .raw

  @Option(help: ArgumentHelp("The folder with the data.", valueName: "dir"))
  var data: String?

  @Option(help: "Steps of PGD; 0 leaves the random start.")
  var steps: Int?

  @Option(help: "Size of a step, pixels in 0...1, such as 2/255.")
  var stepSize: Real?

  @Option(help: "Largest change of a pixel, pixels in 0...1, such as 8/255.")
  var epsilon: Real?

  @Option(help: "Random starts; a picture counts as robust if it withstands all.")
  var restarts: Int?

  @Option(help: "Take the first so many test pictures.")
  var limit: Int?

  @Option(help: "Pictures a block; changes memory and speed only.")
  var batch: Int?

  @Option(help: "Threads a rank: a number, or auto for the cores the rank is bound to.")
  var threads = "auto"

  @Option(help: ArgumentHelp("Write the results to a file.", valueName: "file"))
  var json: String?

  @Option(help: ArgumentHelp("End with 78 unless there are so many ranks.", valueName: "n"))
  var expectRanks: Int?

  @Flag(help: "Print errors only.")
  var quiet = false

  func validate() throws {
    let unit = [("--step-size", stepSize), ("--epsilon", epsilon)]
    for case (let name, let value?) in unit where !(0...1).contains(value.value) {
      throw ValidationError("\(name) takes a number or fraction in 0...1, such as 8/255.")
    }
    let counts = [
      ("--steps", steps, 0...65_535), ("--restarts", restarts, 1...1_023), ("--limit", limit, 1...Int.max),
      ("--batch", batch, 1...Int.max), ("--expect-ranks", expectRanks, 1...Int.max),
    ]
    for case (let name, let value?, let range) in counts where !range.contains(value) {
      let most = range.upperBound == .max ? "" : " to \(range.upperBound)"
      throw ValidationError("\(name) takes a whole number from \(range.lowerBound)\(most).")
    }
    if threads != "auto" && Int(threads).map({ $0 < 1 }) ?? true {
      throw ValidationError("--threads takes a number from 1, or auto.")
    }
  }

  func run() throws {
    try CommandOutcome.run {
      try Self.execute(
        EvaluateOptions(
          checkpoint: checkpoint, weights: weights, dataDirectory: data, epsilon: epsilon, stepSize: stepSize,
          steps: steps, restarts: restarts, limit: limit, batch: batch, threads: Int(threads), jsonFile: json,
          expectedRanks: expectRanks, isQuiet: quiet))
    }
  }

  /// Evaluates. This is where the checkpoint is read, the ranks are joined and `Evaluation` takes over.
  static func execute(_ options: EvaluateOptions) throws {
    throw Failure(.internal, "this build has no evaluation yet; \(options.checkpoint) was not read")
  }
}
