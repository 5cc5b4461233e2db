// The four numbers that every evaluation is summed up in: the one place that lists them, with the keys that files have for them.

/// One of them; rows and columns of tables are in this order.
package enum AccuracyFigure: String, CaseIterable, CodingKey, Sendable {
  case clean = "clean_accuracy"
  case robust = "robust_accuracy"
  /// Of the worst class.
  case cleanWorst = "clean_worst"
  case robustWorst = "robust_worst"

  /// The order of tables that set an accuracy beside that of its worst class.
  package static let byImages: [AccuracyFigure] = [.clean, .cleanWorst, .robust, .robustWorst]
}

/// A value for each of the four.
package struct Accuracies<Value> {
  private let clean: Value, robust: Value, cleanWorst: Value, robustWorst: Value

  /// - Parameter value: is called once for each.
  package init(_ value: (AccuracyFigure) throws -> Value) rethrows {
    clean = try value(.clean)
    robust = try value(.robust)
    cleanWorst = try value(.cleanWorst)
    robustWorst = try value(.robustWorst)
  }

  package subscript(_ figure: AccuracyFigure) -> Value {
    switch figure {
    case .clean: clean
    case .robust: robust
    case .cleanWorst: cleanWorst
    case .robustWorst: robustWorst
    }
  }
}

extension Accuracies: Equatable where Value: Equatable {}
extension Accuracies: Sendable where Value: Sendable {}

// In files the four stand among other keys of one object.

extension Accuracies: Encodable where Value: Encodable {
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: AccuracyFigure.self)
    for figure in AccuracyFigure.allCases { try container.encode(self[figure], forKey: figure) }
  }
}

extension Accuracies: Decodable where Value: Decodable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: AccuracyFigure.self)
    try self.init { try container.decode(Value.self, forKey: $0) }
  }
}
