// The four numbers that every evaluation is summed up in.

/// One of them; rows and columns of tables are in this order.
package enum AccuracyFigure: String, CaseIterable, Sendable {
  case clean, robust
  case cleanWorst = "clean_worst"
  case robustWorst = "robust_worst"

  package var title: String {
    switch self {
    case .clean: "clean"
    case .robust: "robust"
    case .cleanWorst: "worst class, clean"
    case .robustWorst: "worst class, robust"
    }
  }

  /// Its value in [0, 1]; nil where it is not known.
  package func value(_ result: EvaluationEntry?) -> Double? {
    switch self {
    case .clean: result?.cleanAccuracy
    case .robust: result?.robustAccuracy
    case .cleanWorst: result?.cleanWorst
    case .robustWorst: result?.robustWorst
    }
  }
}
