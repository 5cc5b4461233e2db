// `fairtat-dist plan`: what a run would take, without running it.

import ArgumentParser
import Communication
import Datasets
import Failures
import Networks
import Parallelism
import Recipes
import Reports

/// The subcommand `plan`.
struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Say what a run would take: operations, memory, messages, time. Trains nothing.",
    discussion: """
      The time is an estimate from a second or two of one thread on this machine. CIFAR's numbers of images are known \
      without the data.

        fairtat-dist plan --recipe cifar10-preactresnet18-fairtat --ranks 16 --threads 4
      """)

  @Option(help: "A recipe by name (list recipes) or path.")
  var recipe: String?

  @Option(help: ArgumentHelp("The folder with the data; what lies there is recognised.", valueName: "dir"))
  var data: String?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp("Give a key of the recipe another value, such as model.width=16.", valueName: "key=value"))
  var overrides: [String] = []

  @Option(help: "Ranks of the run; those of this launch if not given.")
  var ranks: Int?

  @Option(help: "Threads a rank; the recipe's, or this machine's cores shared by the ranks, if not given.")
  var threads: Int?

  @Option(help: ArgumentHelp("Write the figures to a file as well.", valueName: "file"))
  var json: String?

  func validate() throws {
    try BenchOptions.check([("--ranks", ranks ?? 1, 1), ("--threads", threads ?? 1, 1)])
  }

  func run() throws {
    try CommandOutcome.run {
      let document = try document()
      try Launching.run(expectedRanks: nil) { communicator in
        try communicator.agree(
          on: document.yaml() + "\(ranks ?? 0) \(threads ?? 0)", what: "the recipe")
        let recipe = document.recipe
        let outline = try DatasetOutline(try recipe.dataRequest())
        let ranks = self.ranks ?? communicator.size
        let cores = CoreShare(host: communicator.hostName).physicalCores
        let plan = try Plan(
          document, outline, ranks: ranks, threads: threads ?? recipe.engine.threads ?? max(1, cores / ranks),
          communicator)
        FigureOutput.show(plan.table, communicator)
        if communicator.rank == 0 { for warning in plan.warnings { print("warning: \(warning)") } }
        try FigureOutput.write(plan, to: json, communicator)
      }
    }
  }

  /// The recipe with overrides.
  private func document() throws -> RecipeDocument {
    var document = try recipe.map(RecipeLibrary.standard.load) ?? RecipeLibrary.compiledIn
    for assignment in overrides { try document.set(assignment) }
    if let data { try document.set("data.path", .scalar(data, quoted: true), origin: "--data") }
    try document.check(against: Registries.recipes)
    return document
  }
}
