// A scaling study as a page: speed beside the ideal line, phases stacked, measured beside predicted, and the model beyond.

import Scaling

/// The page about a study.
package struct ScalingPage: Sendable {
  let study: ScalingStudy
  let extrapolation: ScalingExtrapolation?

  package init(_ study: ScalingStudy, _ extrapolation: ScalingExtrapolation?) {
    self.study = study
    self.extrapolation = extrapolation
  }

  /// The file's text.
  package var html: String {
    let remarks: [Markup] = study.remarks.map { "<p class=\"note\">\($0.text)</p>\n" }
    let header: Markup = "<header><h1>\(study.title)</h1><p class=\"muted\">\(study.caption)</p></header>\n"
    return Page(
      study.title,
      body: header + "\(remarks)" + charts + Page.section("Layouts", study.table.markup)
        + Page.section("A step by phase, and more ranks", Page.figures([phases, beyond]))
        + Page.section("Beyond what was measured", extrapolation?.table.markup ?? "")
    ).html
  }

  /// Images/s over threads in all, with the ideal line.
  package var speed: LineChart {
    let rows = study.rows
    let counts = Set(rows.map(\.layout.threads)).sorted()
    var series: [LineSeries] = []
    for (k, threads) in counts.enumerated() {
      let own = rows.filter { $0.layout.threads == threads }
      func points(_ value: (ScalingStudy.Row) -> Double) -> [ChartPoint] {
        own.map { ChartPoint(Double($0.layout.threadsInAll), value($0)) }
      }
      let name = counts.count == 1 ? "measured" : "\(threads) thread\(threads == 1 ? "" : "s") a rank"
      series.append(LineSeries(name, points { $0.imagesPerSecond.mean }, colour: k % 6))
      guard study.model != nil else { continue }
      series.append(
        LineSeries(
          counts.count == 1 ? "predicted" : "\(threads), predicted", points { $0.predicted?.imagesPerSecond ?? .nan },
          colour: 6 + k % 6))
    }
    if let first = rows.first, let last = rows.last {
      let slope = first.imagesPerSecond.mean / Double(first.layout.threadsInAll)
      let ends = [first, last].map(\.layout.threadsInAll).map { ChartPoint(Double($0), slope * Double($0)) }
      series.append(LineSeries("ideal", ends, colour: LineSeries.ink, weight: .quiet))
    }
    let x = rows.map { Double($0.layout.threadsInAll) }
    return LineChart(
      "\(study.title): speed", x: .counting("threads of all ranks", (x.min() ?? 1)...(x.max() ?? 1)),
      y: .fitting(series.flatMap { $0.points.map(\.y) }.filter(\.isFinite), "images a second", including: [0]),
      bands: counts.count == 1 ? [spread] : [], series: series)
  }

  /// One standard deviation to both sides.
  private var spread: Band {
    let values = study.rows.map(\.imagesPerSecond)
    return Band(
      "± standard deviation", x: study.rows.map { Double($0.layout.threadsInAll) },
      low: values.map { max(0, $0.mean - ($0.deviation ?? 0)) }, high: values.map { $0.mean + ($0.deviation ?? 0) })
  }

  /// The chart of `speed` as a file of its own.
  package var svg: String { speed.svg.standalone }

  private var efficiency: LineChart {
    let rows = study.rows
    let counts = Set(rows.map(\.layout.threads)).sorted()
    let x = rows.map { Double($0.layout.threadsInAll) }
    return LineChart(
      "Efficiency", x: .counting("threads of all ranks", (x.min() ?? 1)...(x.max() ?? 1)),
      y: .fitting(
        rows.map { 100 * $0.efficiency }, "percent of the first layout's speed a thread", including: [0, 100]),
      series: counts.enumerated().map { k, threads in
        LineSeries(
          "\(threads) thread\(threads == 1 ? "" : "s") a rank",
          rows.filter { $0.layout.threads == threads }.map {
            ChartPoint(Double($0.layout.threadsInAll), 100 * $0.efficiency)
          }, colour: k % 6)
      })
  }

  private var charts: Markup {
    Page.section(
      "Speed",
      Page.figures([
        Page.figure(speed, note: "Ideal: the speed of a thread of the first layout, times threads."),
        Page.figure(efficiency),
      ]))
  }

  private var phases: Markup {
    let rows = study.rows.flatMap { row -> [BarChart.Row] in
      let measured = BarChart.Row(row.name, row.phases, deviation: row.stepSeconds.deviation)
      guard let own = row.predicted else { return [measured] }
      return [
        measured,
        BarChart.Row("predicted", [own.attack, own.training, own.statistics, own.reduction, 0, own.rest]),
      ]
    }
    let chart = BarChart("Phases", axis: "seconds a step", parts: ScalingStudy.phases, rows: rows)
    return Page.figure(
      "Seconds by phase, ranks x threads", note: "Whisker: one standard deviation of the step over rounds.", chart.svg)
  }

  private var beyond: Markup {
    guard let extrapolation, let first = extrapolation.estimates.first, let model = study.model else { return "" }
    let ranks = extrapolation.estimates.map { Double($0.layout.ranks) }
    let ideal = extrapolation.estimates.map {
      ChartPoint(
        Double($0.layout.ranks),
        first.imagesPerSecond * Double($0.layout.threadsInAll) / Double(first.layout.threadsInAll))
    }
    let points = extrapolation.estimates.map { ChartPoint(Double($0.layout.ranks), $0.imagesPerSecond) }
    let chart = LineChart(
      "Predicted for more ranks", x: .logarithmic(ranks, "ranks"),
      y: .logarithmic((ideal + points).map(\.y), "images a second"),
      series: [
        LineSeries("predicted", points, colour: 0),
        LineSeries("ideal", ideal, colour: LineSeries.ink, weight: .quiet),
      ])
    let fit =
      "Fitted to the first layout: computing took \(Figures.decimal(model.scale.computing, 2)) times, optimizer and packing "
      + "\(Figures.decimal(model.scale.rest, 2)) times what the formulas say."
    return Page.figure(chart, note: fit)
  }
}
