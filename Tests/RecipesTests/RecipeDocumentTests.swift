import Classification
import Failures
import Recipes
import Testing

@Suite struct RecipeDocumentTests {
  static let registry = Registry(
    models: [RegistryEntry("preactresnet18", ""), RegistryEntry("xcit-s12", "")],
    data: ["synthetic", "cifar10", "cifar100", "npy"].map { RegistryEntry($0, "") },
    methods: ["at", "fairtat"].map { RegistryEntry($0, "") },
    attacks: ["pgd", "square", "autoattack"].map { RegistryEntry($0, "") },
    priors: ["cfp", "cfp-softmax", "uniform"].map { RegistryEntry($0, "") })

  private func read(_ yaml: String) throws -> RecipeDocument {
    try RecipeDocument(name: "mine", yaml: yaml, file: "mine.yaml")
  }

  // MARK: Reading

  @Test func sectionsAndValues() throws {
    let recipe = try read(
      """
      model: {width: 32, start-from: "none"}
      training:
        milestones: [3, 1/2, 0.75]
        weight-decay: 5/10000
      evaluation:
        attack:
          steps: 20
      averaging:
      """
    ).recipe
    #expect(
      recipe.model.title == "preactresnet18, width 32" && recipe.model.startFrom == "none"
        && recipe.evaluation.attack.choice.given == ["evaluation.attack.steps": "20"])
    #expect(recipe.training.milestones == [.epoch(3), .fraction("1/2"), .fraction("0.75")])
    #expect(recipe.training.weightDecay.description == "5/10000" && recipe.training.weightDecay == "5e-4")
    #expect(recipe.attack == Recipe().attack)
  }

  @Test func unknownKeysNameFileLineAndTheNearest() {
    expectFailure("mine.yaml:3:", "'training.batchsize'", "did you mean training.batch-size?") {
      _ = try read("training:\n  epochs: 3\n  batchsize: 3\n")
    }
    expectFailure("mine.yaml:1:", "'attack.lambda'", "did you mean fairness.lambda?") {
      _ = try read("attack: {lambda: 1}")
    }
    expectFailure("mine.yaml:2:", "did you mean training.epochs?") { _ = try read("# one\nepochs: 3") }
    expectFailure("mine.yaml:1:", "did you mean the section fairness (prior, ") {
      _ = try read("fairnes: {prior: cfp}")
    }
    expectFailure("'zzz'", "the sections are attack, augmentation, ") { _ = try read("zzz: 1") }
    expectFailure("'engine.qqqqqqqq'", "engine has threads") { _ = try read("engine: {qqqqqqqq: 1}") }
    expectFailure("did you mean evaluation.attack.restarts?") { _ = try read("evaluation: {attack: {restart: 1}}") }
  }

  @Test func textThatIsNoRecipe() {
    expectFailure("mine.yaml: the recipe is empty") { _ = try read("# nothing\n") }
    expectFailure("mine.yaml: a recipe is a mapping") { _ = try read("- 1\n- 2\n") }
    expectFailure("mine.yaml:2: not YAML") { _ = try read("training: [1\nepochs: 2") }
    expectFailure("mine.yaml:1: training is a section") { _ = try read("training: 5") }
    expectFailure("mine.yaml:1: training.epochs is one value") { _ = try read("training: {epochs: {a: 1}}") }
    expectFailure("given twice", "epochs") { _ = try read("training:\n  epochs: 1\n  epochs: 2\n") }
    expectFailure("mine.yaml:1:", "[1, 2]", "a whole number") { _ = try read("training: {epochs: [1, 2]}") }
  }

  // MARK: Names

  @Test func unknownNames() throws {
    for (text, parts) in [
      (
        "model.name=preactresnet-18",
        ["--set: model.name: 'preactresnet-18'", "did you mean preactresnet18?", "xcit-s12"]
      ),
      ("data.name=cifar-10", ["data.name: 'cifar-10'", "did you mean cifar10?"]),
      ("method.name=fair-tat", ["did you mean fairtat?", "known: at, fairtat", "list methods"]),
      ("fairness.prior=cpf", ["did you mean cfp?", "list priors"]),
      ("method.name=something", ["known: at, fairtat"]),
    ] {
      for part in parts { expectFailure(part) { _ = try changed(text) } }
    }
    let document = try read("\n\nmethod:\n  name: fairtatt\n")
    expectFailure("mine.yaml:4: method.name: 'fairtatt'") { try document.check(against: Self.registry) }
  }

  // MARK: Ranges

  @Test(arguments: [
    "training.batch-size=0", "training.batch-size=-8", "training.batch-size=1.5", "training.epochs=0",
    "training.seed=-1",
    "training.shards=0", "training.learning-rate=-0.1", "training.learning-rate=nan", "training.decay=1.1",
    "training.learning-rate-scaling=square", "training.schedule=linear", "training.warm-up=-1", "training.warm-up=1e7",
    "training.peak=1", "training.warm-up-rate=-1", "training.minimum-rate=x", "training.cool-down=-1",
    "training.cool-down=1.5", "training.label-smoothing=1", "training.label-smoothing=-0.1",
    "training.learning-rate-reference=0",
    "training.factors=[0.1, 2]", "training.factors=[0.1, x]", "training.clip-norm=0", "training.clip-norm=-1",
    "training.momentum=1", "training.weight-decay=-1", "training.log-every=0", "training.milestones=[1/2, 3/2]",
    "training.milestones=soon", "attack.epsilon=8", "attack.epsilon=-1/255", "attack.epsilon=8/0", "attack.step-size=2",
    "attack.steps=-1", "attack.steps=65536", "attack.batch-statistics=train", "attack.drop-path=true", "model.width=0",
    "model.classes=1",
    "data.validation=1", "data.validation=-0.1", "data.limit-train=0", "data.size=8", "data.size=20",
    "data.train-count=0",
    "augmentation.crop=-1", "augmentation.crop=32", "augmentation.flip=yes", "augmentation.padding=edge",
    "augmentation.resize-scale=[1.2, 0.8]", "augmentation.resize-scale=0.8", "augmentation.resize-scale=[0, 1]",
    "augmentation.resize-ratio=none", "augmentation.jitter=1.5", "augmentation.rotation=181",
    "augmentation.rotation=-2",
    "augmentation.erasing=2", "fairness.temperature=0",
    "fairness.lambda=-1", "fairness.begin=0", "fairness.prior-begin=0", "averaging.decay=2", "averaging.start=5/4",
    "averaging.fawa-threshold=20", "evaluation.every=-1", "evaluation.batch=0", "evaluation.attack.restarts=0",
    "evaluation.attack.restarts=1024", "evaluation.attack.norm=l1", "evaluation.attack.epsilon=2001",
    "checkpoint.keep=0", "checkpoint.every-minutes=-1", "engine.threads=0",
    "engine.threads=all", "method.name=", "model.start-from=[a, b]",
    // Ends that nobody's experiment reaches.
    "model.width=1025", "model.classes=65537", "data.size=1032", "data.train-count=100000001",
    "data.limit-test=100000001", "training.epochs=1000001", "training.batch-size=1000001", "training.shards=1000001",
    "training.seed=18446744073709551616", "training.learning-rate=1e39", "training.weight-decay=1001",
    "training.milestones=[1000001]", "averaging.start=1000001", "fairness.temperature=1e-9", "fairness.temperature=1e9",
    "fairness.lambda=1000.1", "fairness.interval=1000000001", "evaluation.batch=1000001", "evaluation.every=1000001",
    "checkpoint.every-minutes=1e7", "checkpoint.keep=10001", "engine.threads=1025", "engine.stall-timeout=86401",
  ])
  func outOfRange(assignment: String) {
    let key = String(assignment.prefix { $0 != "=" })
    expectFailure("--set: \(key) is ", "; allowed: ") { _ = try changed(assignment) }
  }

  @Test func whatContradicts() throws {
    expectFailure("training.shards", "does not fall into 100 shards; 64 shards of 2 would do") {
      _ = try changed("training.shards=100")
    }
    for key in ["epsilon", "step-size"] {
      expectFailure("--set: evaluation.attack.\(key): 2 is no change of a pixel", "0...1", "norm to l2") {
        _ = try changed("evaluation.attack.\(key)=2")
      }
      _ = try changed("evaluation.attack.\(key)=2", "evaluation.attack.norm=l2")
    }
    expectFailure("averaging.fawa", "data.validation is 0") { _ = try changed("data.validation=0") }
    #expect(try changed("data.validation=0", "averaging.fawa=false").data.validation == "0")
    expectFailure("training.learning-rate-scaling", "a batch of 256 makes of 1e38 more than single precision holds") {
      _ = try changed(
        "training.learning-rate=1e38", "training.batch-size=256", "training.learning-rate-scaling=linear")
    }
    expectFailure("--set: training.nesterov", "without training.momentum") {
      _ = try changed("training.nesterov=true", "training.momentum=0")
    }
    expectFailure("--set: training.factors", "3 for 2 training.milestones; give one for each, or none") {
      _ = try changed("training.factors=[0.1, 0.01, 0.005]")
    }
    expectFailure("training.decay", "training.factors stand in its place; leave it at 0.1") {
      _ = try changed("training.decay=0.5", "training.factors=[0.1, 0.01]")
    }
    for (assignment, text) in [
      ("training.milestones=[6,8]", "[1/2, 3/4]"), ("training.decay=0.2", "0.1"), ("training.factors=[1]", "none"),
    ] {
      let key = String(assignment.prefix { $0 != "=" })
      for shape in ["cosine", "one-cycle"] {
        expectFailure(
          "--set: \(key): only training.schedule milestones reads it, and that is \(shape); leave it at \(text)"
        ) { _ = try changed("training.schedule=\(shape)", assignment) }
      }
    }
    expectFailure("training.peak: only training.schedule one-cycle reads it, and that is cosine") {
      _ = try changed("training.schedule=cosine", "training.peak=1/2")
    }
    for (assignment, text) in [
      ("training.warm-up-rate=1e-5", "1e-6"), ("training.minimum-rate=1e-5", "0"), ("training.cool-down=2", "0"),
    ] {
      let key = String(assignment.prefix { $0 != "=" })
      expectFailure("\(key): only training.schedule epoch-cosine reads it, and that is milestones; leave it at \(text)")
      {
        _ = try changed(assignment)
      }
    }
    for key in ["warm-up-rate", "minimum-rate"] {
      expectFailure("training.\(key): above the rate itself, 0.1 for this batch: lower it") {
        _ = try changed("training.schedule=epoch-cosine", "training.\(key)=0.2")
      }
    }
    expectFailure("training.learning-rate-reference", "scaling is none", "leave it at 128, or choose linear") {
      _ = try changed("training.learning-rate-reference=512")
    }
    expectFailure("training.warm-up", "one-cycle warms up by itself") {
      _ = try changed("training.schedule=one-cycle", "training.warm-up=5")
    }
    #expect(try changed("training.schedule=cosine", "training.milestones=[0.5, 0.75]").training.schedule == .cosine)
    expectFailure("model.start-head: it is new in a training from nothing: name weights by model.start-from") {
      _ = try changed("model.start-head=new")
    }
    expectFailure("attack.drop-path: preactresnet18 has no branches to leave out: set it to off") {
      _ = try changed("attack.drop-path=on")
    }
    #expect(try changed("model.name=xcit-s12", "attack.drop-path=on").attack.dropPath == .on)
    expectFailure("augmentation.crop", "data.size 16", "or set augmentation.padding to zeros") {
      _ = try changed("data.size=16", "augmentation.crop=16")
    }
    #expect(
      try changed("data.size=16", "augmentation.crop=16", "augmentation.padding=zeros").augmentation.given == [
        "augmentation.crop": "16", "augmentation.padding": "zeros",
      ])
    expectFailure("augmentation.padding", "augmentation.crop is 0") {
      _ = try changed("augmentation.crop=0", "augmentation.padding=zeros")
    }
    expectFailure("augmentation.resize-ratio", "augmentation.resize-scale is none", "such as [0.8, 1.2]") {
      _ = try changed("augmentation.resize-ratio=[1, 1]")
    }
    #expect(
      try changed("augmentation.resize-scale=[0.8, 1.2]", "augmentation.resize-scale=none") == Recipe.syntheticSmall)
  }

  // MARK: Overrides

  @Test func overrides() throws {
    let recipe = try changed(
      "fairness.lambda=0.3", "attack.epsilon=4/255", "training.milestones=[6,8]", "data.path=/a=b, c",
      "engine.threads=2",
      "training.shards=32", "data.limit-train=100", "averaging.start=2")
    #expect(recipe.fairness.lambda == "0.3" && recipe.attack.epsilon.float == Float(4.0 / 255.0))
    #expect(recipe.training.milestones == [.epoch(6), .epoch(8)] && recipe.data.path == "/a=b, c")
    #expect(recipe.engine.threads == 2 && recipe.training.shardSize == 4 && recipe.data.limitTrain == 100)
    #expect(try changed("training.milestones=1/2,3/4").training.milestones == Recipe().training.milestones)
    #expect(try changed("training.milestones=[]").training.milestones.isEmpty)
    let back = try changed("engine.threads=2", "engine.threads=auto", "data.limit-test=5", "data.limit-test=all")
    #expect(back == .syntheticSmall)
    for mode in BatchStatistics.allCases {
      #expect(try changed("attack.batch-statistics=\(mode.rawValue)").attack.batchStatistics == mode)
    }
    expectFailure("KEY=VALUE") { _ = try changed("training.epochs") }
    expectFailure("KEY=VALUE") { _ = try changed("=3") }
  }

  /// A checkpoint of version 0.1.0 holds its recipe without the keys that came later: each has its default.
  @Test func recipesWithoutLaterKeys() throws {
    let later = [
      "padding", "resize-scale", "resize-ratio", "jitter", "rotation", "erasing", "drop-path", "precision", "bfloat16",
      "learning-rate-scaling", "learning-rate-reference", "schedule", "warm-up", "warm-up-rate", "minimum-rate",
      "cool-down",
      "factors", "peak", "nesterov", "clip-norm", "label-smoothing",
      "start-head",
    ]
    let lines = Recipe.syntheticSmall.yaml(heading: []).split(separator: "\n")
    let old = lines.filter { line in !later.contains { line.hasPrefix("  \($0): ") } }
    #expect(old.count == lines.count - later.count)
    let recipe = try read(old.joined(separator: "\n")).recipe
    #expect(recipe == .syntheticSmall && recipe.changes(from: .syntheticSmall).isEmpty)
  }

  @Test(arguments: [
    "/data/cifar 10", "none", "null", "a # b", "it's \"quoted\" \\ here", "-", "ü: x", "tab\there", "true", "[a]", "12",
    "~",
    "one\ntwo", "{", "é/日本", " leading",
  ])
  func anyPathSurvivesPrinting(path: String) throws {
    var recipe = Recipe.syntheticSmall
    recipe.data.path = path
    recipe.model.startFrom = path
    #expect(try read(recipe.yaml(heading: ["x"])).recipe == recipe)
  }

  // MARK: Differences

  @Test func onlyWhatChangesTheResultDiffers() throws {
    let old = Recipe.syntheticSmall
    let course = try changed(
      "engine.threads=2", "checkpoint.keep=7", "checkpoint.every-steps=3", "training.log-every=1", "evaluation.every=1",
      "evaluation.batch=9", "data.path=/x")
    #expect(course != old && old.differences(from: course).isEmpty)
    #expect(
      old.differences(from: try changed("training.seed=1", "attack.epsilon=4/255")) == [
        "training.seed", "attack.epsilon",
      ])
    #expect(old.differences(from: try changed("attack.epsilon=16/510")).isEmpty)
    #expect(old.differences(from: try changed("evaluation.attack.steps=20")) == ["evaluation.attack.steps"])
    var without = old
    without.averaging.fawa = false
    var other = without
    other.evaluation.attack.set("steps", "20")
    #expect(without.differences(from: other).isEmpty)
  }

  // MARK: The table

  @Test func everyFieldOnceWithHelp() {
    let paths = Recipe.fields.map(\.path)
    #expect(Set(paths).count == paths.count)
    for field in Recipe.fields {
      #expect(!field.help.isEmpty && !field.allowed.isEmpty)
      #expect(field.path.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "-" || $0 == "." })
    }
    let lines = Recipe().yaml(heading: []).split(separator: "\n")
    #expect(lines.allSatisfy { $0.count <= 120 })
  }

  @Test func nearestNames() {
    #expect(Suggestions.nearest(to: "cfpp", among: ["cfp", "uniform"]) == ["cfp"])
    #expect(Suggestions.nearest(to: "CFP", among: ["cfp", "uniform"]) == ["cfp"])
    #expect(Suggestions.nearest(to: "qqqq", among: ["cfp", "uniform"]).isEmpty)
    #expect(Suggestions.nearest(to: "x", among: []).isEmpty)
  }
}
