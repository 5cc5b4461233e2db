// What the four figures are called.

import Fairness
import Recipes

extension AccuracyFigure {
  /// Where there is room: in sentences, over charts.
  package var title: String {
    switch self {
    case .clean: "clean"
    case .robust: "robust"
    case .cleanWorst: "worst class, clean"
    case .robustWorst: "worst class, robust"
    }
  }

  /// Over the columns of the paper's tables.
  ///
  /// - Parameter attack: what the robust ones are called.
  func heading(_ attack: String = "robust") -> String {
    switch self {
    case .clean: "clean"
    case .robust: attack
    case .cleanWorst: "clean worst"
    case .robustWorst: "\(attack) worst"
    }
  }

  /// What columns of CSV begin with.
  package var column: String {
    switch self {
    case .clean: "clean"
    case .robust: "robust"
    case .cleanWorst, .robustWorst: rawValue
    }
  }
}

extension PaperTable.Setting {
  /// What accuracy the worst class's is, after `WorstClasses`.
  var worst: String {
    name.hasPrefix("cifar100") ? "mean of the worst tenth of the classes" : "the worst class"
  }
}
