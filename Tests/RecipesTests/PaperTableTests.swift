import Methods
import Recipes
import Testing

/// The recipes of the paper's rows: whole, readable, and different from each other in nothing but the row.
@Suite struct PaperTableTests {
  private static let registry = Registry(
    models: [RegistryEntry("preactresnet18", "")],
    data: ["cifar10", "cifar100"].map { RegistryEntry($0, "") },
    methods: methods.parts.map { RegistryEntry($0.name, $0.summary) },
    attacks: ["pgd", "square"].map { RegistryEntry($0, "") },
    priors: ["cfp", "cfp-softmax", "uniform", "sample"].map { RegistryEntry($0, "") })

  private func recipe(_ name: String) throws -> Recipe { try RecipeLibrary(folders: []).load(name).recipe }

  @Test func everyOneIsARecipe() throws {
    let recipes = PaperTable.recipes
    #expect(recipes.count == PaperTable.settings.count * PaperTable.rows.count)
    #expect(Set(recipes.map(\.name)).count == recipes.count)
    for document in recipes {
      try document.check(against: Self.registry)
      let again = try RecipeDocument(name: document.name, yaml: document.yaml(), file: "\(document.name).yaml")
      #expect(again.recipe.changes(from: document.recipe).isEmpty && again.heading == document.heading)
      #expect(try recipe(document.name) == document.recipe)
    }
    // Every method has its row.
    #expect(Set(recipes.map(\.recipe.method.name)) == Set(methods.names))
  }

  /// The keys in which a row of the paper differs from adversarial training.
  @Test(arguments: [
    ("fairtat", ["method.name"]),
    ("trades", ["attack.start", "attack.batch-statistics", "method.name", "method.beta"]),
    ("fairtat-trades", ["attack.start", "attack.batch-statistics", "method.name", "method.beta"]),
    ("fat", ["attack.budget", "attack.frozen", "method.name"]),
    ("fairtat-fat", ["attack.budget", "attack.frozen", "method.name"]),
    ("bat", ["attack.batch-statistics", "attack.frozen", "method.name", "method.beta", "fairness.margins"]),
    ("at-no-margins", ["fairness.margins"]),
    ("trix", ["fairness.targeted"]),
  ])
  func rowsDifferInTheMethodAlone(row: String, keys: [String]) throws {
    for setting in PaperTable.settings {
      let base = try recipe("table1-\(setting.name)-at")
      let differences = try recipe("table1-\(setting.name)-\(row)").differences(from: base)
      #expect(Set(differences) == Set(keys), "\(setting.name)")
    }
  }

  @Test func theSettings() throws {
    let large = try recipe("table1-cifar10-fairtat")
    var paper = Recipe()
    paper.data.name = "cifar10"
    #expect(large == paper && large.training.epochs == 200 && large.model.title == "preactresnet18, width 64")
    let small = try recipe("table1-cifar10-small-fairtat")
    #expect(
      small.training.epochs == 10 && small.model.title == "preactresnet18, width 16" && small.data.limitTrain == 10_000)
    #expect(small.averaging.fawaThreshold == "0.02" && small.data.validation == "0.05")
    #expect(try recipe("table1-cifar10-small-frl-remargin").training.epochs == 2)
    #expect(try recipe("table1-cifar10-frl-remargin").training.epochs == 40)
    #expect(try recipe("table1-cifar10-frl-reweight").model.startFrom == "runs/table1-cifar10-at-seed0")
    // FRL is judged by images that its start was not trained on.
    for setting in PaperTable.settings {
      let frl = try recipe("table1-\(setting.name)-frl-remargin")
      #expect(frl.data.validation == (try recipe("table1-\(setting.name)-at")).data.validation)
      #expect(frl.averaging.start == .epoch(0))
    }
    #expect(try recipe("table1-cifar100-cfa-at").data.validation == "0.05")
    #expect(try recipe("table1-cifar10-wat").data.validation == "0.06")
    #expect(try recipe("table1-cifar10-cfa-trades").fairness.begin == 10)
    #expect(try recipe("table1-cifar10-small-cfa-trades").fairness.begin == 1)
    // The warm-up of DAFA: 64 % of the length.
    let dafa = try recipe("table1-cifar10-small-dafa").trainingMethod.policies[0]
    #expect((0..<10).first { [dafa].needsPredictions(during: $0) } == 6)
  }
}
