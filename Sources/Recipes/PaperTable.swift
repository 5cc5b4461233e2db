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
    let what: String
    let apply: @Sendable (inout Recipe) -> Void
  }

  /// One line of the table.
  package struct Row: Sendable {
    package let name: String
    let method: String
    /// What it is; one line.
    let what: String
    let change: @Sendable (inout Recipe, Setting) -> Void

    init(
      _ name: String, _ what: String, method: String? = nil,
      _ change: @escaping @Sendable (inout Recipe, Setting) -> Void = { _, _ in }
    ) {
      self.name = name
      self.method = method ?? name
      self.what = what
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
    recipe.model.width = 16
    recipe.data.limitTrain = 10_000
    recipe.data.limitTest = 2000
    recipe.training.epochs = 10
    recipe.averaging.fawaThreshold = "0.02"
  }

  package static let rows = [
    Row("at", "Adversarial training with margins by class"),
    Row("fairtat", "FAIR-TAT"),
    Row("trades", "TRADES with margins by class"),
    Row("fairtat-trades", "FAIR-TAT + TRADES"),
    Row("fat", "Friendly adversarial training with margins by class"),
    Row("fairtat-fat", "FAIR-TAT + FAT"),
    Row("frl-reweight", "FRL, weights alone, from the row at") { fineTune(&$0, $1) },
    Row("frl-remargin", "FRL, weights and margins, from the row at") { fineTune(&$0, $1) },
    Row("bat", "BAT + TRADES"),
    Row("wat", "WAT + TRADES"),
    Row("clean", "Plain training"),

    // Beside the table.
    Row("dafa", "DAFA") { recipe, setting in
      if setting.name.hasPrefix("cifar100") { recipe.method.given["method.strength"] = "1.5" }
    },
    Row("fgsm", "FGSM training with a random start"),
    Row("trades-original", "TRADES as published"),
    Row("fat-original", "FAT as published"),
    Row("fat-for-trades", "FAT for TRADES as published"),
    Row("cfa-at", "CFA's AT: margins from a twentieth of the length on", method: "at") { calibrate(&$0, $1) },
    Row("cfa-trades", "CFA's TRADES: margins and weights by class", method: "trades") { recipe, setting in
      calibrate(&recipe, setting)
      recipe.fairness.lambda = "0.3"
      recipe.fairness.betaLambda = "0.5"
    },
    Row("cfa-fat", "CFA's FAT", method: "fat") { recipe, setting in
      calibrate(&recipe, setting)
      recipe.fairness.lambda = "0.7"
    },
    Row("trix", "Targeted adversaries for strong classes, untargeted ones for weak", method: "at") { recipe, _ in
      recipe.fairness.targeted = .strong
    },

    // Ablations.
    Row("at-no-margins", "Adversarial training without margins by class (A.3)", method: "at") { recipe, _ in
      recipe.fairness.margins = false
    },
    Row("fairtat-uniform", "FAIR-TAT with uniform targets (A.2)", method: "fairtat") { recipe, _ in
      recipe.fairness.prior = "uniform"
    },
    Row("fairtat-no-margins", "FAIR-TAT without margins by class (A.3)", method: "fairtat") { recipe, _ in
      recipe.fairness.margins = false
    },
    Row("fairtat-softmax", "FAIR-TAT with the released code's prior", method: "fairtat") { recipe, _ in
      recipe.fairness.prior = "cfp-softmax"
    },
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
    recipe.model.startFrom = "runs/\(prefix)\(setting.name)-at-seed0"
  }

  /// CFA adapts from epoch 10 of 200 on, and holds out 25 images a class of CIFAR-100.
  private static func calibrate(_ recipe: inout Recipe, _ setting: Setting) {
    recipe.fairness.begin = max(1, recipe.training.epochs / 20)
    if setting.name == "cifar100" { recipe.data.validation = "0.05" }
  }

  /// All recipes, setting by setting.
  package static let recipes = settings.flatMap { setting in rows.map { recipe($0, setting) } }

  private static func recipe(_ row: Row, _ setting: Setting) -> RecipeDocument {
    var recipe = Recipe()
    recipe.choose(method: row.method)
    let held = recipe.data.validation
    recipe.training.epochs = Recipe().training.epochs
    setting.apply(&recipe)
    // WAT holds out more than others.
    if held.value > recipe.data.validation.value { recipe.data.validation = held }
    row.change(&recipe, setting)
    return RecipeDocument(
      name: "\(prefix)\(setting.name)-\(row.name)", heading: ["\(row.what), on \(setting.what)."], recipe: recipe)
  }
}
