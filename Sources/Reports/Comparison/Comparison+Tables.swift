// The comparison for terminals and for other programs.

import Fairness

extension Comparison {
  /// An aligned table in percent.
  package func text(colour: Bool) -> String {
    let figures = AccuracyFigure.allCases
    var table = TextTable(["recipe", "epoch", "split", "weights", "runs"] + figures.map { $0.title + " %" })
    for row in rows {
      table.add(
        [
          row.recipe, row.moment.rawValue, row.split.rawValue, row.weights + (row.hasUnaccepted ? "*" : ""),
          "\(row.seeds.count)\(row.contradicted > 0 ? "!" : "")",
        ] + figures.map { Figures.percent(row.spreads[$0]) })
    }
    return table.text(colour: colour)
      + (rows.contains(where: \.hasUnaccepted) ? "* accepted no epoch in some runs: their raw weights\n" : "")
      + (rows.contains { $0.contradicted > 0 } ? "! another run of the same recipe and seed has other bits\n" : "")
  }

  /// One line a row of the table, fractions in full precision; an unknown deviation is empty. `contradicted` counts the
  /// runs that were left out because their digest is not that of the counted run of the same recipe and seed.
  package var csv: String {
    let figures = AccuracyFigure.allCases
    let head =
      ["recipe", "method", "model", "epoch", "split", "weights", "unaccepted", "runs", "seeds"]
      + figures.flatMap { ["\($0.column)_mean", "\($0.column)_deviation"] } + ["contradicted"]
    return CSV.line(head) + rows.map { CSV.line(Self.cells($0)) }.joined()
  }

  private static func cells(_ row: ComparisonRow) -> [String] {
    var cells = [
      row.recipe, row.method, row.model, row.moment.rawValue, row.split.rawValue, row.weights,
      row.hasUnaccepted ? "1" : "0", "\(row.seeds.count)", row.seeds.joined(separator: " "),
    ]
    for figure in AccuracyFigure.allCases {
      let spread = row.spreads[figure]
      cells += [CSV.text(spread?.mean), CSV.text(spread?.deviation)]
    }
    return cells + ["\(row.contradicted)"]
  }
}
