// `fairtat-dist analyze`.

import ArgumentParser
import Evaluation
import Options

/// The subcommand `analyze`.
struct AnalyzeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "analyze",
    abstract: "Show how one or several models fail under attack: a page, charts and JSON, on all ranks.",
    discussion: """
      Judges models by the test images under untargeted and targeted PGD in L-infinity: accuracy against epsilon and against \
      steps, the loss along the attack, which class goes over into which, class-wise false positives, how adversaries of one \
      model do against the others, and pictures. Writes analysis.json, analysis.html and the charts as .svg. The result is \
      the same on any number of ranks. A signal ends it with 75; the same command begins anew.

        fairtat-dist analyze --checkpoint runs/synthetic-small-seed0 --output analysis
        mpirun -np 8 fairtat-dist analyze --checkpoint A --checkpoint B --data DIR --limit 1000 --output DIR
        fairtat-dist analyze --checkpoint A --label A=plain --steps 20 --epsilon 4/255 --output DIR
      """)

  @Option(
    help: ArgumentHelp(
      "A checkpoint, a run directory for its newest, or a file with weights; repeat it for more models.",
      valueName: "place"))
  var checkpoint: [String]

  @Option(help: "The weights as trained, or one of their averages; of every model.")
  var weights: WeightKind = .raw

  @Option(
    help: ArgumentHelp(
      "Call a model so: PLACE=TEXT for the one of that place, or TEXT for the models in their order. Repeatable.",
      valueName: "text"))
  var label: [String] = []

  @Option(help: ArgumentHelp("The folder with the data; what lies there is recognised.", valueName: "dir"))
  var data: String?

  @OptionGroup var pixels: NormalisationOptions

  @Option(help: "Take the first so many test images.")
  var limit: Int?

  @Option(help: "Steps of PGD; a step is 2.5 epsilon / steps long.")
  var steps = 10

  @Option(help: "Largest change of a pixel, pixels in 0...1.")
  var epsilon: Real = "8/255"

  @Option(help: "Images a block; changes memory and speed only.")
  var batch: Int?

  @Option(help: ArgumentHelp("The folder for the results, new or empty.", valueName: "dir"))
  var output: String

  @Flag(help: "Write into a folder that is not empty; what has the same name is replaced.")
  var force = false

  @OptionGroup var threads: ThreadOptions
  @OptionGroup var ranks: RankOptions

  @Flag(help: "Print errors and warnings only, to standard error.")
  var quiet = false

  func validate() throws {
    try ValueCheck.whole([
      ("--steps", steps, 1...Limits.attackSteps.upperBound), ("--limit", limit, Limits.images),
      ("--batch", batch, Limits.batch),
    ])
    guard epsilon.value > 0, epsilon.value <= 1 else {
      throw ValidationError("--epsilon takes a number or fraction above 0 and up to 1, such as 8/255.")
    }
    guard checkpoint.count <= Self.mostModels else {
      throw ValidationError("--checkpoint takes up to \(Self.mostModels) models: charts have no more colours.")
    }
  }

  func run() throws {
    try CommandOutcome.run {
      try AnalysisTask(
        checkpoints: checkpoint, labels: label, weights: weights, data: data, normalisation: pixels.normalisation,
        limit: limit, plan: AnalysisPlan(steps: steps, epsilon: epsilon.value), batch: batch, threads: threads.count,
        output: output, replaces: force, expectedRanks: ranks.expectRanks, isQuiet: quiet
      ).execute()
    }
  }

  private static let mostModels = 12
}
