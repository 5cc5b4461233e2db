// Several runs on one page: means and deviations by recipe, then every run.

import Fairness

/// The page that compares runs.
package struct ComparisonPage: Sendable {
  let comparison: Comparison

  package init(_ comparison: Comparison) { self.comparison = comparison }

  /// The file's text.
  package var html: String {
    let count = comparison.groups.reduce(0) { $0 + $1.runs.count }
    let recipes = comparison.groups.count
    let title = "\(count) run\(count == 1 ? "" : "s") of \(recipes) recipe\(recipes == 1 ? "" : "s")"
    return Page(title, body: "<header><h1>\(title)</h1></header>\n" + remarks + means + bars + differences + runs).html
  }

  private var remarks: Markup {
    let lines: [Markup] = comparison.remarks.map { remark in
      remark.isWarning
        ? "<p class=\"note\"><b>\(remark.text)</b></p>\n" : "<p class=\"note\">\(remark.text)</p>\n"
    }
    return "\(lines)"
  }

  /// Every key that is not the same in all rows, also those that the names leave out.
  private var differences: Markup {
    if comparison.differences.isEmpty { return "" }
    var table = HTMLTable([.text("recipe")] + comparison.differences.map { .text($0) })
    for group in comparison.groups {
      table.add(
        [.text(group.name)]
          + comparison.differences.map { .text(RowNames.text(of: $0, group.runs[0], group.identity)) })
    }
    return Page.section("What differs", table.markup)
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
    let note: Markup =
      comparison.rows.contains(where: \.hasUnaccepted)
      ? "<p class=\"muted\">* accepted no epoch in some runs: there, the raw weights.</p>\n" : ""
    return Page.section("Mean ± standard deviation over seeds", "\(table.markup)\(note)")
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
      [.text("recipe"), .text("run"), .text("seed"), .text("counted"), .number("epochs"), .text("split")]
        + AccuracyFigure.allCases.map { .number($0.title + " %") } + [.number("images/s")])
    for group in comparison.groups {
      let repeated = group.repeated.map { ($0.run, $0.isContradiction ? "no: other digest" : "no: the same run") }
      for (run, counted) in group.runs.map({ ($0, "yes") }) + repeated {
        guard let last = run.log.epochs.last else { continue }
        let split = ResultSplit.allCases.first { last.results($0)["raw"] != nil }
        let raw = split.flatMap { last.results($0)["raw"] }
        table.add(
          [
            .text(group.name), .text(run.path), .text(run.seed), .text(counted),
            .number("\(last.epoch + 1)" + (run.epochs.map { "/\($0)" } ?? "")),
            .text(split?.rawValue ?? Figures.absent),
          ] + AccuracyFigure.allCases.map { .number(Figures.percent(raw?[$0])) }
            + [.number(Figures.short(last.imagesPerSecond))])
      }
    }
    return Page.section("Runs, last epoch, raw weights", table.markup)
  }
}
