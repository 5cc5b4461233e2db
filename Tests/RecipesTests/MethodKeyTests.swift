import Attacks
import Failures
import Methods
import Options
import Recipes
import Testing

/// Keys that belong to some methods: printed, refused, changed with the method.
@Suite struct MethodKeyTests {
  private static let registry = Registry(
    models: [RegistryEntry("preactresnet18", "")], data: [RegistryEntry("synthetic", "")],
    methods: methods.parts.map { RegistryEntry($0.name, $0.summary) },
    attacks: ["pgd", "square"].map { RegistryEntry($0, "") },
    priors: ["cfp", "cfp-softmax", "uniform"].map { RegistryEntry($0, "") })

  private func document(_ yaml: String) throws -> RecipeDocument {
    try RecipeDocument(name: "test", yaml: yaml, file: "test.yaml")
  }

  private func refusal(_ body: () throws -> RecipeDocument) -> Failure? {
    do { try body().check(against: Self.registry) } catch { return error as? Failure }
    return nil
  }

  /// A recipe of a name alone has what its paper has.
  @Test(arguments: methods.names) func aNameIsEnough(name: String) throws {
    var document = try self.document("method:\n  name: \(name)\n")
    let needsStart = name.hasPrefix("frl")
    #expect((refusal { document }?.message.contains("goes on from a robust model") == true) == needsStart)
    if needsStart { try document.set("model.start-from=a") }
    try document.check(against: Self.registry)
    var chosen = Recipe()
    chosen.choose(method: name)
    if needsStart { chosen.model.startFrom = "a" }
    #expect(document.recipe == chosen)
    let inEvaluationMode = [
      "trades", "fairtat-trades", "trades-original", "fat-original", "fat-for-trades", "bat", "frl-reweight",
      "frl-remargin", "wat", "dafa",
    ]
    #expect((document.recipe.attack.batchStatistics == .running) == inEvaluationMode.contains(name))
    // It prints its own keys and no others, and reads back as itself.
    let yaml = document.yaml()
    let again = try self.document(yaml)
    #expect(again.recipe == document.recipe && again.recipe.changes(from: document.recipe).isEmpty)
    #expect(yaml.contains("beta:") == document.recipe.fields.contains { $0.path == "method.beta" })
    #expect(again.origins.count == document.recipe.fields.count)
  }

  /// What a file says of itself stands, wherever it says it.
  @Test(arguments: [
    "attack:\n  batch-statistics: batch\nmethod:\n  name: trades\n  beta: 4\n",
    "method:\n  beta: 4\n  name: trades\nattack:\n  batch-statistics: batch\n",
  ])
  func aFileStands(yaml: String) throws {
    let recipe = try document(yaml).recipe
    #expect(recipe.attack.batchStatistics == .batch)
    #expect(recipe.method.text("method.beta", in: methods) == "4" && recipe.trainingMethod.beta == 4)
  }

  /// Another method on the command line brings what is its own, before or after other options.
  @Test func anotherMethodBringsItsOwn() throws {
    let file = "attack:\n  batch-statistics: batch\nmethod:\n  name: trades\n  beta: 4\n"
    for options in [
      ["method.name=fat", "attack.batch-statistics=batch"], ["attack.batch-statistics=batch", "method.name=fat"],
    ] {
      var document = try self.document(file)
      for option in options { try document.set(option) }
      try document.check(against: Self.registry)
      #expect(document.recipe.attack.batchStatistics == .batch)
    }
    var document = try self.document(file)
    try document.set("method.name=fat")
    try document.check(against: Self.registry)
    #expect(document.recipe.attack.batchStatistics == .batchUpdatingRunning)
    #expect(document.recipe.method.given.isEmpty)
    // What the former method set goes with it: nobody wished for one step.
    var fast = try self.document("method:\n  name: fgsm\nattack:\n  epsilon: 4/255\n")
    try fast.set("method.name=at")
    var plain = Recipe()
    plain.choose(method: "at")
    plain.attack.epsilon = "4/255"
    #expect(fast.recipe == plain)
    // The same name again changes nothing.
    try document.set("attack.steps=3")
    try document.set("method.name=fat")
    #expect(document.recipe.attack.steps == 3)
  }

  @Test func othersKeysAreRefusedByName() throws {
    for yaml in ["method:\n  name: at\n  beta: 3\n", "attack:\n  budget: 2\n"] {
      let failure = refusal { try document(yaml) }
      #expect(failure?.code == .configuration && failure?.message.contains("have this key, and method.name is") == true)
      #expect(failure?.message.hasPrefix("test.yaml:") == true)
    }
    let beyond: [(String, String)] = [
      ("method.beta=-1", "trades"), ("method.beta=nan", "trades"), ("attack.budget=0", "fat"),
      ("attack.frozen=go", "fat"), ("attack.budget-rises=[2]x", "fat-original"), ("attack.noise=2", "fat-original"),
    ]
    for (assignment, name) in beyond {
      let failure = refusal {
        var document = try self.document("method:\n  name: \(name)\n")
        try document.set(assignment)
        return document
      }
      #expect(failure?.code == .configuration && failure?.message.contains("; allowed: ") == true, "\(assignment)")
    }
  }

  /// Whoever shares batch statistics cannot leave.
  @Test func leavingNeedsRunningStatistics() throws {
    let failure = refusal {
      var document = try self.document("method:\n  name: fat\n")
      try document.set("attack.frozen=leave")
      return document
    }
    #expect(failure?.message.contains("attack.batch-statistics to running") == true)
    var document = try self.document("method:\n  name: fat\n")
    try document.set("attack.frozen=leave")
    try document.set("attack.batch-statistics=running")
    try document.check(against: Self.registry)
  }

  /// TRADES begins near the image, or as the light recipe anywhere in the ball, where a key says so.
  @Test(arguments: ["trades", "fairtat-trades", "trades-original"]) func startsOfTRADES(name: String) throws {
    var document = try self.document("method:\n  name: \(name)\n")
    #expect(document.recipe.trainingMethod.problems.map(\.start) == [.normal(deviation: 0.001, clipped: false)])
    try document.set("attack.start=uniform")
    #expect(document.recipe.trainingMethod.problems.map(\.start) == [.uniform])
    let failure = #expect(throws: Failure.self) { try document.set("attack.start=far") }
    #expect(failure?.message.contains("attack.start is 'far'; allowed: normal, uniform") == true)
  }

  /// Labels are smoothed in every loss with a cross-entropy but BAT's, which draws to the uniform distribution itself.
  @Test(arguments: methods.names) func smoothedLabels(name: String) throws {
    var document = try self.document("method:\n  name: \(name)\ntraining:\n  label-smoothing: 0.1\n")
    if name.hasPrefix("frl") { try document.set("model.start-from=a") }
    let failure = refusal { document }
    if name == "bat" {
      #expect(failure?.code == .configuration)
      let message =
        "training.label-smoothing: the loss of bat has no form with smoothed labels: set it to 0, or choose another method"
      #expect(failure?.message.hasSuffix(message) == true)
    } else {
      #expect(failure == nil)
    }
  }

  /// FAT's budget of 120 epochs: 0 in the first 50, 1 up to 90, 2 then.
  @Test func risingBudgets() throws {
    var document = try self.document("method:\n  name: fat-original\ntraining:\n  epochs: 120\n")
    func budgets() -> [Int] {
      let problem = document.recipe.trainingMethod.problems[0]
      return [0, 49, 50, 89, 90, 119].map { epoch in
        if case .misclassified(let budget) = problem.stopping(epoch) { budget } else { -1 }
      }
    }
    #expect(budgets() == [0, 0, 1, 1, 2, 2])
    try document.set("attack.budget-rises=[]")
    #expect(budgets() == [0, 0, 0, 0, 0, 0])
  }

  /// A file that names the attack which a method tells something leaves it told; another attack knows nothing of it.
  @Test func anAttackKeepsWhatAMethodTellsIt() throws {
    func steps(_ attack: String) throws -> String? {
      let document = try RecipeDocument(
        name: "a", yaml: "method: {name: frl-reweight}\nevaluation: {attack: {name: \(attack)}}", file: "a.yaml")
      return document.recipe.evaluation.attack.choice.given["evaluation.attack.steps"]
    }
    #expect(try steps("pgd") == "20" && steps("square") == nil)
  }
}
