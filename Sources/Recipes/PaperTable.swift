// The rows of FAIR-TAT's Table 1 (arXiv 2410.23142), those that we set beside them and the ablations of its supplement, as
// recipes: one table of rows, four settings. Rows of a setting differ in nothing but what a row says here.
//
//   table1-SETTING-ROW     such as table1-cifar10-fairtat-trades, table1-cifar10-small-at
//
// One run gives three rows of the paper: the weights as trained, their EMA, and FAWA ("+CFA").

/// The recipes that are made of a row and a setting.
package enum PaperTable {
  /// What the names of all of them begin with.
  static let prefix = "table1-"

  /// Where rows are compared: data, network, length.
  package struct Setting: Sendable {
    package let name: String
    /// What it is, to follow "on".
    package let what: String
    let apply: @Sendable (inout Recipe) -> Void
  }

  /// Where a row comes from; in the order of tables.
  package enum Part: String, CaseIterable, Sendable {
    /// A row of the paper's Table 1.
    case paper
    /// A method that we set beside them.
    case beside
    /// FAIR-TAT or AT with a piece left out or put in another's place.
    case ablation
    /// Plain training: it shows what robustness costs, and is no rival.
    case plain
  }

  /// One line of the table.
  package struct Row: Sendable {
    package let name: String
    package let part: Part
    /// How a table calls it.
    package let title: String
    /// What it is; one line.
    package let what: String
    let method: String
    /// The row of the same setting and seed whose last weights it starts from, if any.
    package let start: String?
    let change: @Sendable (inout Recipe, Setting) -> Void

    init(
      _ part: Part, _ name: String, _ title: String, _ what: String, method: String? = nil, from start: String? = nil,
      _ change: @escaping @Sendable (inout Recipe, Setting) -> Void = { _, _ in }
    ) {
      self.name = name
      self.part = part
      self.title = title
      self.what = what
      self.method = method ?? name
      self.start = start
      self.change = change
    }
  }

  package static let settings = [
    Setting(name: "cifar10", what: "CIFAR-10 with PreActResNet-18") { $0.data.name = "cifar10" },
    Setting(name: "cifar100", what: "CIFAR-100 with PreActResNet-18") { $0.data.name = "cifar100" },
    Setting(name: "cifar10-small", what: "10,000 images of CIFAR-10, width 16, 10 epochs") {
      $0.data.name = "cifar10"
      // 50 validation images a class.
      $0.data.validation = "0.05"
      shrink(&$0)
    },
    Setting(name: "cifar100-small", what: "10,000 images of CIFAR-100, width 16, 10 epochs") {
      $0.data.name = "cifar100"
      // 10 of 100 images a class: the worst tenth is judged by 100.
      $0.data.validation = "0.1"
      shrink(&$0)
    },
  ]

  private static func shrink(_ recipe: inout Recipe) {
    recipe.model.set("width", "16")
    recipe.data.limitTrain = 10_000
    recipe.data.limitTest = 2000
    recipe.training.epochs = 10
    recipe.averaging.fawaThreshold = "0.02"
  }

  package static let rows = [
    Row(.paper, "at", "AT", "Adversarial training with margins by class"),
    Row(.paper, "fairtat", "FAIR-TAT", "FAIR-TAT"),
    Row(.paper, "trades", "TRADES", "TRADES with margins by class"),
    Row(.paper, "fairtat-trades", "FAIR-TAT + TRADES", "FAIR-TAT + TRADES"),
    Row(.paper, "fat", "FAT", "Friendly adversarial training with margins by class"),
    Row(.paper, "fairtat-fat", "FAIR-TAT + FAT", "FAIR-TAT + FAT"),
    Row(.paper, "frl-reweight", "FRL-RW", "FRL, weights alone, from the row at", from: "at") { fineTune(&$0, $1) },
    Row(.paper, "frl-remargin", "FRL-RWRM", "FRL, weights and margins, from the row at", from: "at") {
      fineTune(&$0, $1)
    },
    Row(.paper, "bat", "BAT + TRADES", "BAT + TRADES"),
    Row(.paper, "wat", "WAT + TRADES", "WAT + TRADES"),

    Row(.beside, "dafa", "DAFA", "DAFA") { recipe, setting in
      if setting.name.hasPrefix("cifar100") { recipe.method.given["method.strength"] = "1.5" }
    },
    Row(.beside, "fgsm", "FGSM", "FGSM training with a random start"),
    Row(.beside, "trades-original", "TRADES, original", "TRADES as published"),
    Row(.beside, "fat-original", "FAT, original", "FAT as published"),
    Row(.beside, "fat-for-trades", "FAT for TRADES", "FAT for TRADES as published"),
    Row(.beside, "cfa-at", "CFA AT", "CFA's AT: margins from a twentieth of the length on", method: "at") {
      calibrate(&$0, $1)
    },
    Row(.beside, "cfa-trades", "CFA TRADES", "CFA's TRADES: margins and weights by class", method: "trades") {
      recipe, setting in
      calibrate(&recipe, setting)
      recipe.fairness.lambda = "0.3"
      recipe.fairness.betaLambda = "0.5"
    },
    Row(.beside, "cfa-fat", "CFA FAT", "CFA's FAT", method: "fat") { recipe, setting in
      calibrate(&recipe, setting)
      recipe.fairness.lambda = "0.7"
    },
    Row(
      .beside, "trix", "TRIX policy", "Targeted adversaries for strong classes, untargeted ones for weak", method: "at"
    ) { recipe, _ in
      recipe.fairness.targeted = .strong
    },

    Row(
      .ablation, "at-no-margins", "AT, one margin", "Adversarial training without margins by class (A.3)", method: "at"
    ) { recipe, _ in
      recipe.fairness.margins = false
    },
    Row(
      .ablation, "fairtat-uniform", "FAIR-TAT, uniform targets", "FAIR-TAT with uniform targets (A.2)",
      method: "fairtat"
    ) { recipe, _ in
      recipe.fairness.prior = "uniform"
    },
    Row(
      .ablation, "fairtat-no-margins", "FAIR-TAT, one margin", "FAIR-TAT without margins by class (A.3)",
      method: "fairtat"
    ) { recipe, _ in
      recipe.fairness.margins = false
    },
    Row(
      .ablation, "fairtat-softmax", "FAIR-TAT, softmax prior", "FAIR-TAT with the released code's prior",
      method: "fairtat"
    ) { recipe, _ in
      recipe.fairness.prior = "cfp-softmax"
    },

    Row(
      .ablation, "fairtat-sample", "FAIR-TAT, prior by example", "FAIR-TAT with targets by sample-wise confusion",
      method: "fairtat"
    ) { recipe, _ in
      recipe.fairness.prior = "sample"
    },
    Row(
      .ablation, "fairtat-cfp-margins", "FAIR-TAT, margins by CFP", "FAIR-TAT with margins that follow the CFP scores",
      method: "fairtat"
    ) { recipe, _ in
      recipe.fairness.marginsFrom = .cfp
    },

    Row(.plain, "clean", "plain training", "Plain training"),
  ]

  /// A fifth of the length, from the last weights of the row at.
  private static func fineTune(_ recipe: inout Recipe, _ setting: Setting) {
    recipe.training.epochs = max(1, recipe.training.epochs / 5)
    recipe.training.learningRate = "0.001"
    recipe.training.milestones = []
    recipe.averaging.start = .epoch(0)
    // As the row at: what it was trained on cannot judge it.
    var base = Recipe()
    setting.apply(&base)
    recipe.data.validation = base.data.validation
  }

  /// CFA adapts from epoch 10 of 200 on, and holds out 25 images a class of CIFAR-100.
  private static func calibrate(_ recipe: inout Recipe, _ setting: Setting) {
    recipe.fairness.begin = max(1, recipe.training.epochs / 20)
    if setting.name == "cifar100" { recipe.data.validation = "0.05" }
  }

  /// All recipes, setting by setting.
  package static let recipes = settings.flatMap { setting in rows.map { recipe($0, setting) } }

  /// The name of a row's recipe.
  package static func name(_ row: String, _ setting: Setting) -> String { "\(prefix)\(setting.name)-\(row)" }

  /// The setting and row of a recipe of that name, if it is one of these.
  package static func place(of recipe: String) -> (setting: Setting, row: Row)? {
    for setting in settings {
      for row in rows where name(row.name, setting) == recipe { return (setting, row) }
    }
    return nil
  }

  private static func recipe(_ row: Row, _ setting: Setting) -> RecipeDocument {
    var recipe = Recipe()
    recipe.choose(method: row.method)
    let held = recipe.data.validation
    recipe.training.epochs = Recipe().training.epochs
    setting.apply(&recipe)
    // WAT holds out more than others.
    if held.value > recipe.data.validation.value { recipe.data.validation = held }
    row.change(&recipe, setting)
    recipe.model.startFrom = row.start.map { "runs/\(name($0, setting))-seed0" }
    return RecipeDocument(
      name: name(row.name, setting), heading: ["\(row.what), on \(setting.what)."], recipe: recipe)
  }
}
