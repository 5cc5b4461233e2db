// The comparison for terminals and for other programs.

extension Comparison {
  /// An aligned table in percent.
  package func text(colour: Bool) -> String {
    let figures = AccuracyFigure.allCases
    var table = TextTable(["recipe", "epoch", "split", "weights", "runs"] + figures.map { $0.title + " %" })
    for row in rows {
      table.add(
        [
          row.recipe, row.moment.rawValue, row.split.rawValue, row.weights + (row.hasUnaccepted ? "*" : ""),
          "\(row.seeds.count)",
        ] + figures.map { Figures.percent(row.spreads[$0]) })
    }
    return table.text(colour: colour)
      + (rows.contains(where: \.hasUnaccepted) ? "* accepted no epoch in some runs: their raw weights\n" : "")
      + unfinished.map { "left out, not finished: \($0.path)\n" }.joined()
  }

  /// One line a row of the table, fractions in full precision; an unknown deviation is empty.
  package var csv: String {
    let figures = AccuracyFigure.allCases
    let head =
      ["recipe", "method", "model", "epoch", "split", "weights", "unaccepted", "runs", "seeds"]
      + figures.flatMap { ["\($0.rawValue)_mean", "\($0.rawValue)_deviation"] }
    return CSV.line(head)
      + rows.map { row in
        CSV.line(
          [
            row.recipe, row.method, row.model, row.moment.rawValue, row.split.rawValue, row.weights,
            row.hasUnaccepted ? "1" : "0", "\(row.seeds.count)", row.seeds.joined(separator: " "),
          ]
            + figures.flatMap { figure in
              let spread = row.spreads[figure]
              return [spread.map { "\($0.mean)" } ?? "", (spread?.deviation).map { "\($0)" } ?? ""]
            })
      }.joined()
  }
}
