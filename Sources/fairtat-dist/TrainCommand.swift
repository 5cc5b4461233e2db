// `fairtat-dist train`.

import ArgumentParser
import CPlatform
import Checkpoints
import Communication
import Foundation
import Methods
import Recipes
import Training

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

  @OptionGroup var recipe: RecipeOptions

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

  @Option(help: "What to do with a run that is there already.")
  var resume: ResumePolicy = .auto

  @Option(
    help: ArgumentHelp(
      "Go back to a checkpoint of the run there, with keys that differ: after a loss that became NaN, or from `last` for more "
        + "epochs; 0 begins anew. Later checkpoints are set aside.",
      valueName: "step|last"))
  var rewind: RewindTarget?

  @Option(
    help: ArgumentHelp(
      "Stop for a checkpoint in time before this much has passed, and end with 75: 3600, 90m, 2h30m, 1-00:00:00.",
      valueName: "time"))
  var maxWall: WallTime?

  @OptionGroup var ranks: RankOptions

  @Flag(help: "Print errors and warnings only, to standard error.")
  var quiet = false

  @Flag(help: "Print lines of JSON instead of text; warnings go to standard error.")
  var json = false

  func validate() throws {
    guard rewind == nil || resume != .never else {
      throw ValidationError("--rewind goes back in a run; leave out --resume never.")
    }
  }

  func run() throws {
    try CommandOutcome.run {
      let options = Result { try self.options() }
      // Under a launcher the others may have been given something else: then it is the ranks' to say.
      if !Launch.ofThisProcess.usesMPI { _ = try options.get() }
      try Self.execute(options, expectedRanks: ranks.expectRanks)
    }
  }

  private func options() throws -> TrainOptions {
    let document = try recipe.document([
      ("training.seed", "--seed", seed.map(String.init)), ("training.epochs", "--epochs", epochs.map(String.init)),
      ("engine.threads", "--threads", threads),
    ])
    return TrainOptions(
      recipe: document, runDirectory: runDirectory ?? "runs/\(document.name)-seed\(document.recipe.training.seed)",
      resume: rewind.map { .rewind($0) } ?? resume.rule, maxWall: maxWall, isQuiet: quiet, printsJSON: json)
  }

  /// Joins the ranks, opens the data, trains, and shows the classes.
  ///
  /// - Parameter options: or why there are none, which may be so on some ranks only.
  static func execute(_ options: Result<TrainOptions, any Error>, expectedRanks: Int?) throws {
    let start = monotonicSeconds()
    // From here on a signal is noted; it is looked at once there is something to keep.
    platform_signals_install()
    try Launching.run(expectedRanks: expectedRanks) { communicator in
      switch options {
      case .success(let options): try communicator.agree(on: options.recipe.yaml(), what: "the recipe")
      case .failure(let error): try communicator.agree(on: "\(error)", what: "the recipe")
      }
      let options = try options.get()
      try communicator.agree(on: options.circumstances, what: "the command line")
      let console = Console(
        options.isQuiet ? .quiet : options.printsJSON ? .json : .text, isRoot: communicator.rank == 0)
      let recipe = options.recipe.recipe
      let threads = try Launching.threads(recipe.engine.threads, communicator, console)
      let directory = RunDirectory(options.runDirectory)
      console.say(
        "\(options.recipe.name): \(recipe.methodTitle), \(recipe.model.title), "
          + "\(communicator.size) rank\(communicator.size == 1 ? "" : "s") of \(threads) "
          + "thread\(threads == 1 ? "" : "s"), into \(directory.path)")
      let run = try Run(
        recipe: recipe, communicator: communicator, threads: threads, trains: true, stalls: Launching.stalls)
      var surroundings = Surroundings()
      // A pipe without a reader is a hang-up: whoever listened is gone.
      surroundings.signalled = { platform_signals_received() != 0 || platform_pipe_broke() != 0 }
      let environment = ProcessInfo.processInfo.environment
      surroundings.notes = [JobEnd.ofThisProcess(environment).note].compactMap { $0 }
      surroundings.limit = TimeLimit.nearest(
        maxWall: options.maxWall, age: monotonicSeconds() - start, environment: environment,
        bytes: run.checkpointBytes)
      let session = TrainingSession(
        options.recipe, directory: directory, run: run, console: console, surroundings: surroundings)
      let circumstances = try JSONEncoder.pretty().text(
        RunEnvironment(run, threads: run.pool.threadCount, recipe: options.recipe.name))
      guard let last = try session.train(resume: options.resume, environment: Data(circumstances.utf8)) else { return }
      ClassSummary.say(last, names: run.classNames, console)
      console.say("the run lies in \(directory.path), its page is \(directory.report)")
    }
  }
}
