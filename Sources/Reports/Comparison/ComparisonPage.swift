// Several runs on one page: means and deviations by recipe, then every run.

/// The page that compares runs.
package struct ComparisonPage: Sendable {
  let comparison: Comparison

  package init(_ comparison: Comparison) { self.comparison = comparison }

  /// The file's text.
  package var html: String {
    let count = comparison.groups.reduce(0) { $0 + $1.runs.count }
    let recipes = comparison.groups.count
    let title = "\(count) runs of \(recipes) recipe\(recipes == 1 ? "" : "s")"
    return Page(title, body: "<header><h1>\(title)</h1></header>\n" + means + bars + runs).html
  }

  private var means: Markup {
    var table = HTMLTable(
      [.text("recipe"), .text("method"), .text("epoch"), .text("split"), .text("weights"), .text("seeds")]
        + AccuracyFigure.allCases.map { .number($0.title + " %") })
    for row in comparison.rows {
      table.add(
        [
          .text(row.recipe), .text(row.method), .text(row.moment.title), .text(row.split.rawValue),
          .text(Weights.title(row.weights) + (row.hasUnaccepted ? "*" : "")),
          .text(row.seeds.joined(separator: ", ")),
        ] + AccuracyFigure.allCases.map { .number(Figures.percent(row.spreads[$0])) })
    }
    let left: [Markup] = comparison.unfinished.map { "<p class=\"note\">Left out, not finished: \($0.path)</p>\n" }
    let note: Markup =
      comparison.rows.contains(where: \.hasUnaccepted)
      ? "<p class=\"muted\">* accepted no epoch in some runs: there, the raw weights.</p>\n" : ""
    return Page.section("Mean ± standard deviation over seeds", "\(left)\(table.markup)\(note)")
  }

  /// The last epoch's results as bars, of the test set where all recipes have it.
  private var bars: Markup {
    let last = comparison.rows.filter { $0.moment == .last }
    let recipes = Set(last.map(\.recipe))
    let isTested = Set(last.filter { $0.split == .test }.map(\.recipe)) == recipes
    let split: ResultSplit = isTested ? .test : .validation
    let shown = last.filter { $0.split == split && !$0.hasUnaccepted }
    if shown.isEmpty { return "" }
    let hasSeveral = Set(shown.map(\.weights)).count > 1
    return Page.section(
      "Last epoch, \(split.rawValue)",
      Page.figures(
        AccuracyFigure.allCases.map { figure in
          let rows = shown.compactMap { row in
            row.spreads[figure].map { spread in
              BarChart.Row(
                row.recipe + (hasSeveral ? ", \(Weights.title(row.weights))" : ""), [100 * spread.mean],
                deviation: spread.deviation.map { 100 * $0 })
            }
          }
          let chart = BarChart(figure.title, axis: "accuracy, %", parts: ["accuracy"], rows: rows)
          return Page.figure(
            "Accuracy: \(figure.title)", note: "Whisker: one standard deviation over seeds.", chart.svg)
        }))
  }

  private var runs: Markup {
    var table = HTMLTable(
      [.text("recipe"), .text("run"), .text("seed"), .number("epochs"), .text("split")]
        + AccuracyFigure.allCases.map { .number($0.title + " %") } + [.number("images/s")])
    for group in comparison.groups {
      for run in group.runs {
        guard let last = run.log.epochs.last else { continue }
        let split = ResultSplit.allCases.first { last.results($0)["raw"] != nil }
        let raw = split.flatMap { last.results($0)["raw"] }
        table.add(
          [
            .text(group.name), .text(run.path), .text(run.seed),
            .number("\(last.epoch + 1)" + (run.epochs.map { "/\($0)" } ?? "")),
            .text(split?.rawValue ?? Figures.absent),
          ] + AccuracyFigure.allCases.map { .number(Figures.percent($0.value(raw))) }
            + [.number(Figures.short(last.imagesPerSecond))])
      }
    }
    return Page.section("Runs, last epoch, raw weights", table.markup)
  }
}
