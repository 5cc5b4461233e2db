import Foundation
import Recipes
import Testing

@Suite struct CommandLineTests {
  @Test(arguments: [
    (
      "train",
      "recipe data run seed epochs threads set resume expect-ranks quiet json version help"
    ),
    (
      "evaluate",
      "checkpoint weights data steps step-size epsilon restarts limit batch threads json corruptions expect-ranks quiet version help"
    ),
    ("corrupt", "data output names severities seed limit frost threads expect-ranks quiet version help"),
    ("report", "version help"),
    ("report pages", "output csv label version help"),
    ("report table1", "format output save version help"),
    ("report scaling", "format output node network version help"),
    ("doctor", "json expect-ranks threads version help"),
    ("bench", "version help"),
    (
      "bench step",
      "model width set batch steps warmup method attack-steps threads convolution data machine json expect-ranks version help"
    ),
    ("bench kernels", "model width set batch attack-steps seconds json expect-ranks version help"),
    (
      "bench allreduce",
      "floats shards model width set attack-steps repeats exchanges step-seconds json expect-ranks version help"
    ),
    ("export", "checkpoint weights output force mean std version help"),
    ("import", "output force mean std data-set version help"),
    ("plan", "recipe data set ranks threads node network json version help"),
    ("list", "version help"),
  ])
  func helpNamesEveryOption(command: String, options: String) throws {
    let outcome = try Program.run(command.split(separator: " ").map(String.init) + ["--help"])
    #expect(outcome.code == 0 && outcome.errors.isEmpty)
    for option in options.split(separator: " ") { #expect(outcome.output.contains("--\(option)"), "--\(option)") }
    #expect(outcome.output.split(separator: "\n").filter { !$0.hasPrefix("USAGE") }.allSatisfy { $0.count <= 80 })
  }

  @Test func theTopHelpNamesSubcommandsAndVersion() throws {
    let outcome = try Program.run("--help")
    for part in [
      "train", "evaluate", "corrupt", "export", "import", "doctor", "bench", "plan", "list", "--version",
      "78 configuration",
    ] {
      #expect(outcome.output.replacingOccurrences(of: "\n", with: " ").contains(part))
    }
    #expect(try Program.run("--version").output.hasPrefix("fairtat-dist "))
  }

  @Test(arguments: [
    ["train", "--resume", "maybe"], ["train", "--epochs", "x"], ["train", "--expect-ranks", "0"], ["nothing"],
    ["evaluate"], ["evaluate", "--checkpoint", "x", "--epsilon", "8"],
    ["evaluate", "--checkpoint", "x", "--norm", "l2", "--epsilon", "2001"],
    ["evaluate", "--checkpoint", "x", "--norm", "l1"],
    ["evaluate", "--checkpoint", "x", "--threads", "0"], ["evaluate", "--checkpoint", "x", "--weights", "best"],
    ["list", "toys"], ["list", "models", "x"],
  ])
  func usageErrorsEndWith64(arguments: [String]) throws {
    let outcome = try Program.run(arguments)
    #expect(outcome.code == 64)
    #expect(outcome.errors.hasPrefix("Error: "))
  }

  @Test(arguments: [
    (
      ["train", "--set", "training.batchsize=3"],
      "--set: unknown key 'training.batchsize'; did you mean training.batch-size?"
    ),
    (["train", "--recipe", "cifar10-smal-at"], "did you mean cifar10-small-at?"),
    (["train", "--set", "method.name=fairtatt"], "did you mean fairtat?"),
    (["train", "--epochs", "0"], "--epochs: training.epochs is '0'; allowed: a whole number in 1..."),
    (["train", "--threads", "many"], "--threads: engine.threads is 'many'; allowed: auto, or a whole number in 1..."),
  ])
  func badRecipesEndWith78InOneLineFromOneRank(arguments: [String], part: String) throws {
    let outcome = try Program.run(arguments)
    #expect(outcome.code == 78 && outcome.output.isEmpty)
    #expect(outcome.errors.hasPrefix("fairtat-dist: ") && outcome.errors.contains(part))
    #expect(outcome.errors.filter { $0 == "\n" }.count == 1)
    // A variable that a job long over has left silences nothing.
    let leftOver = try Program.run(arguments, environment: ["OMPI_COMM_WORLD_RANK": "3"])
    #expect(leftOver.code == 78 && leftOver.errors == outcome.errors)
  }

  @Test func listsRecipesFromAnywhere() throws {
    let listed = try Program.run("list", "recipes")
    #expect(listed.code == 0 && !listed.output.contains("\u{1B}"))
    for name in ["cifar10-preactresnet18-fairtat", "cifar10-small-at", "synthetic-small"] {
      #expect(listed.output.contains(name))
    }
    let printed = try Program.run("list", "recipes", "cifar10-small-at")
    let document = try RecipeDocument(name: "printed", yaml: printed.output, file: "printed.yaml")
    #expect(document.origins.count == document.recipe.fields.count && document.recipe.method.name == "at")
    for kind in ["models", "methods", "data", "attacks", "priors"] {
      let outcome = try Program.run("list", kind)
      #expect(outcome.code == 0 && outcome.output.split(separator: "\n").count > 2)
    }
  }

  @Test func everyRecipeNamesWhatTheProgramKnows() throws {
    let names = try Program.run("list", "recipes").output.split(separator: "\n").dropFirst(2).map {
      $0.prefix { $0 != " " }
    }
    for name in names { #expect(try Program.run("list", "recipes", String(name)).code == 0) }
  }
}
