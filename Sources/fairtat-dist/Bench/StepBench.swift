// `fairtat-dist bench step`: whole training steps through the trainer, with nothing written.

import ArgumentParser
import Classification
import Communication
import Kernels
import Networks
import Options
import Recipes
import Reports
import Resources
import Training

/// The subcommand `bench step`.
struct StepBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "step",
    abstract: "Time whole training steps: attack, training pass, reduction, optimizer.",
    discussion: "Without data it takes images that the program makes once, before the first step.")

  @OptionGroup var network: ModelOptions

  @Option(help: "Images a step, all ranks together.")
  var batch = 128

  @Option(help: "Steps that are timed.")
  var steps = 5

  @Option(help: "Steps before them that are not.")
  var warmup = 1

  @Option(help: "The training method (list methods).")
  var method = "fairtat"

  @Option(help: "Steps of PGD.")
  var attackSteps = 10

  @Option(help: "What the attack's convolutions multiply in: float32 or bfloat16.")
  var attackPrecision = Precision.float32.rawValue

  @OptionGroup var threads: ThreadOptions

  @Option(help: "How convolutions are computed: auto, winograd or direct.")
  var convolution = "auto"

  @Option(help: "Who multiplies the matrices of Winograd's convolutions: swift or openblas.")
  var gemm = "swift"

  @Option(help: "Who multiplies in bfloat16: hardware or emulated.")
  var bfloat16 = BFloat16Unit.hardware.rawValue

  @Option(help: ArgumentHelp("The folder with the data, or none.", valueName: "dir"))
  var data = "none"

  @Flag(
    help:
      "Measure as well what a model of the step needs: passes of few and many images, bandwidths, loops, sums over ranks."
  )
  var machine = false

  @OptionGroup var common: BenchOptions

  func validate() throws {
    try ValueCheck.whole([
      ("--batch", batch, Limits.batch), ("--steps", steps, BenchOptions.repeats),
      ("--warmup", warmup, BenchOptions.repeats.orNone), ("--attack-steps", attackSteps, Limits.attackSteps),
    ])
    if ConvolutionChoice(rawValue: convolution) == nil {
      throw ValidationError(
        "--convolution takes \(ConvolutionChoice.allCases.map(\.rawValue).joined(separator: ", ")).")
    }
    if MatrixProduct(rawValue: gemm) == nil {
      throw ValidationError("--gemm takes \(MatrixProduct.allCases.map(\.rawValue).joined(separator: ", ")).")
    }
    guard let precision = Precision(rawValue: attackPrecision) else {
      throw ValidationError("--attack-precision takes \(Precision.allCases.map(\.rawValue).joined(separator: ", ")).")
    }
    if BFloat16Unit(rawValue: bfloat16) == nil {
      throw ValidationError("--bfloat16 takes \(BFloat16Unit.allCases.map(\.rawValue).joined(separator: ", ")).")
    }
    if machine && precision != .float32 {
      throw ValidationError(
        "--machine measures for a model of a step that knows float32 alone: leave out one of the two.")
    }
  }

  func run() throws {
    try CommandOutcome.run {
      let recipe = try recipe()
      try Launching.run(expectedRanks: common.ranks.expectRanks) { communicator in
        try communicator.agree(on: "\(recipe) \(machine)", what: "the command line")
        let output = try ResultOutput(common.json, communicator)
        let console = Console(.text, isRoot: communicator.rank == 0, stream: output.stream)
        let threads = try Launching.threads(threads.count, communicator, console)
        let names = MemoryNames([
          .network: network.sizes(of: recipe.model), .batch: "--batch (\(batch))", .threads: "--threads (\(threads))",
          .images: data == "none" ? "--batch (\(batch)) or --steps (\(steps))" : "--batch (\(batch)), or the data",
        ])
        let figures = try StepMeasurement.run(
          recipe, steps: steps, warmup: warmup, threads: threads, names: names, machine: machine, communicator)
        try FigureOutput.show(figures.table, output)
        try FigureOutput.write(figures, to: output)
      }
    }
  }

  /// The settings as a recipe that neither evaluates nor averages.
  private func recipe() throws -> Recipe {
    var document = RecipeDocument(name: "bench", heading: [], recipe: Recipe())
    try document.set("method.name", .scalar(method, quoted: true), origin: "--method")
    try network.choose(in: &document)
    if data != "none" { try document.set("data.path", .scalar(data, quoted: true), origin: "--data") }
    try document.check(against: Registries.recipes)
    var recipe = document.recipe
    recipe.data.validation = "0"
    let images = batch * (warmup + steps)
    recipe.data.trainCount = min(images, Limits.images.upperBound)
    recipe.data.testCount = 1
    recipe.data.limitTrain = min(images, Limits.images.upperBound)
    recipe.data.limitTest = 1
    recipe.training.batchSize = batch
    // Images that run out are taken again.
    recipe.training.epochs = warmup + steps
    recipe.attack.steps = attackSteps
    recipe.averaging.ema = false
    recipe.averaging.fawa = false
    recipe.evaluation.validationEvery = 0
    recipe.evaluation.batch = 1
    recipe.engine.convolution = ConvolutionChoice(rawValue: convolution) ?? .auto
    recipe.engine.gemm = MatrixProduct(rawValue: gemm) ?? .swift
    recipe.attack.precision = Precision(rawValue: attackPrecision) ?? .float32
    recipe.engine.bfloat16 = BFloat16Unit(rawValue: bfloat16) ?? .hardware
    return recipe
  }
}
