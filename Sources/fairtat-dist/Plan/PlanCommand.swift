// `fairtat-dist plan`: what a run would take, without running it.

import ArgumentParser
import Communication
import Options
import Platform
import Recipes

/// The subcommand `plan`.
struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Say what a run would take: operations, memory, messages, time. Trains nothing.",
    discussion: """
      The time is an estimate from a few seconds on this machine, by a model that docs/performance.md explains: arithmetic, \
      packed filters and maps from memory, parallel loops, exchanges. --node and --network say what other nodes have; the \
      ranks get as many of them as have a core for every thread, and the layout that suits these best is named with its \
      reason. CIFAR's numbers of images are known without the data.

        fairtat-dist plan --recipe cifar10-preactresnet18-fairtat --ranks 16 --threads 4
        fairtat-dist plan --node cores=64,bandwidth=450GB/s --network latency=2us,bandwidth=12GB/s --ranks 16 --threads 32
      """)

  @OptionGroup var recipe: RecipeOptions

  @Option(help: "Ranks of the run; those of this launch if not given.")
  var ranks: Int?

  @Option(help: "Threads a rank; the recipe's, or this machine's cores shared by the ranks, if not given.")
  var threads: Int?

  @OptionGroup var facts: NodeOptions

  @Option(help: ArgumentHelp("Write the figures to a file as well.", valueName: "file"))
  var json: String?

  func validate() throws {
    try ValueCheck.whole([("--ranks", ranks, ValueCheck.ranks), ("--threads", threads, Limits.threads)])
  }

  func run() throws {
    try CommandOutcome.run {
      let document = try recipe.document()
      try Launching.run(expectedRanks: nil) { communicator in
        try communicator.agree(
          on: document.yaml() + "\(ranks ?? 0) \(threads ?? 0) \(facts.node ?? "") \(facts.network ?? "")",
          what: "the recipe")
        let output = try ResultOutput(json, communicator)
        let recipe = document.recipe
        let ranks = self.ranks ?? communicator.size
        let cores = CoreShare(host: communicator.hostName).physicalCores
        let plan = try Plan(
          document, ranks: ranks, threads: threads ?? recipe.engine.threads ?? max(1, cores / ranks), facts: facts,
          communicator)
        try FigureOutput.show(plan.table, output)
        for warning in plan.warnings { try output.print("warning: \(PlainText.line(warning))\n") }
        try FigureOutput.write(plan, to: output)
      }
    }
  }
}
