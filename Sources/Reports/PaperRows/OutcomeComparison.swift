// Two models on the same images: what each gets right, what the difference is, and how far it may be off.

import Fairness

/// The accuracies of one model, or of two and their difference.
package struct OutcomeComparison: Sendable {
  private let names: [String]
  private let verdicts: [Verdicts]
  /// Of each model, then of the difference.
  private let columns: [[(value: Double, interval: Interval)]]

  /// - Precondition: one model or two, of the same labels, which are not none.
  package init(_ models: [(name: String, verdicts: Verdicts)]) {
    names = models.map(\.name)
    verdicts = models.map(\.verdicts)
    let results = verdicts.map { EvaluationResult(clean: $0.clean, robust: $0.robust) }
    func column(
      _ value: (AccuracyFigure) -> Double, _ intervals: AccuracyIntervals
    ) -> [(value: Double, interval: Interval)] {
      AccuracyFigure.byImages.map { (value($0), intervals[$0]) }
    }
    var columns = zip(results, verdicts).map { result, verdicts in
      column({ result[$0] }, Bootstrap.intervals(verdicts))
    }
    if results.count == 2 {
      columns.append(
        column({ results[0][$0] - results[1][$0] }, Bootstrap.differences(verdicts[0], verdicts[1])))
    }
    self.columns = columns
  }

  private var titles: [String] { names + (names.count == 2 ? ["difference"] : []) }

  /// In percent, the intervals in brackets.
  package var table: Table {
    var table = Table(
      [.text("accuracy")] + titles.map { .number($0) },
      caption: "\(verdicts[0].examples.count) images, percent; in brackets: 95 % of the bootstrap over images.")
    for (place, figure) in AccuracyFigure.byImages.enumerated() {
      table.add(
        [.text(figure.title)]
          + columns.map { column in
            let (value, interval) = column[place]
            return .number(
              Figures.percent(value),
              range: "\(Figures.decimal(100 * interval.lower, 1)) to \(Figures.decimal(100 * interval.upper, 1))")
          })
    }
    if let (first, second) = onlyOne {
      table.note("Withstood by the first model alone: \(first) images, by the second alone: \(second).")
    }
    return table
  }

  /// Images that only one of two models withstands.
  private var onlyOne: (first: Int, second: Int)? {
    guard verdicts.count == 2 else { return nil }
    let robust = verdicts.map { $0.examples.map(\.isRobust) }
    return (
      zip(robust[0], robust[1]).count { $0 && !$1 }, zip(robust[0], robust[1]).count { !$0 && $1 }
    )
  }

  /// One line an accuracy and column, fractions in full precision.
  package var csv: String {
    CSV.line(["accuracy", "model", "value", "lower", "upper"])
      + zip(titles, columns).flatMap { title, column in
        zip(AccuracyFigure.byImages, column).map { figure, entry in
          CSV.line([
            figure.column, title, "\(entry.value)", "\(entry.interval.lower)", "\(entry.interval.upper)",
          ])
        }
      }.joined()
  }
}
