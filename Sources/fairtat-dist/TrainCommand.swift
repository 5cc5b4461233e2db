// `fairtat-dist train`.

import ArgumentParser
import Failures
import Recipes

/// The subcommand `train`.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a classifier by a recipe, on any number of ranks.",
    discussion: """
      Without a recipe it trains `synthetic-small`, which needs no data. A run is written to its run directory and, by \
      default, taken up where it was left. The weights depend on the recipe alone, not on ranks or threads.

        fairtat-dist train
        mpirun -np 8 fairtat-dist train --recipe cifar10-small-at --data DIR
        fairtat-dist train --epochs 10 --set training.milestones=[6,8]
      """)

  @Option(help: "A recipe by name (list recipes) or path.")
  var recipe: String?

  @Option(help: ArgumentHelp("The folder with the data; what lies there is recognised.", valueName: "dir"))
  var data: String?

  @Option(
    name: .customLong("run"),
    help: ArgumentHelp("The run directory; runs/RECIPE-seedN if not given.", valueName: "dir"))
  var runDirectory: String?

  @Option(help: "Short for --set training.seed=SEED.")
  var seed: UInt64?

  @Option(help: "Short for --set training.epochs=EPOCHS.")
  var epochs: Int?

  @Option(help: "Short for --set engine.threads=THREADS: a number a rank, or auto.")
  var threads: String?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp("Give a key of the recipe another value, such as fairness.lambda=0.3.", valueName: "key=value"))
  var overrides: [String] = []

  @Option(help: "What to do with a run that is there already.")
  var resume: ResumePolicy = .auto

  @Option(help: ArgumentHelp("End with 78 unless there are so many ranks.", valueName: "n"))
  var expectRanks: Int?

  @Flag(help: "Print errors only.")
  var quiet = false

  @Flag(help: "Print lines of JSON instead of text.")
  var json = false

  func validate() throws {
    if let expectRanks, expectRanks < 1 { throw ValidationError("--expect-ranks takes a number from 1.") }
  }

  func run() throws {
    try CommandOutcome.run { try Self.execute(options()) }
  }

  /// The recipe with overrides in the order: `--set`, then the short options.
  private func options() throws -> TrainOptions {
    var document = try recipe.map(RecipeLibrary.standard.load) ?? RecipeLibrary.compiledIn
    for assignment in overrides { try document.set(assignment) }
    let short = [
      ("data.path", "--data", data), ("training.seed", "--seed", seed.map(String.init)),
      ("training.epochs", "--epochs", epochs.map(String.init)), ("engine.threads", "--threads", threads),
    ]
    for case (let path, let option, let value?) in short {
      // A folder may be called "none"; a number of threads may be the word "auto".
      try document.set(path, .scalar(value, quoted: path == "data.path"), origin: option)
    }
    try document.check(against: Registries.recipes)
    return TrainOptions(
      recipe: document, runDirectory: runDirectory ?? "runs/\(document.name)-seed\(document.recipe.training.seed)",
      resume: resume, expectedRanks: expectRanks, isQuiet: quiet, printsJSON: json)
  }

  /// Trains. This is where the ranks are joined, the data is opened and `Training` takes over.
  ///
  /// A recipe of synthetic pictures with a `data.path` (from `--data`) asks for what lies there to be recognised; that
  /// is not done before, because a rank that cannot see the folder must be able to tell the others.
  static func execute(_ options: TrainOptions) throws {
    throw Failure(
      .internal,
      "this build has no training yet; the recipe '\(options.recipe.name)' was read for \(options.runDirectory)")
  }
}
