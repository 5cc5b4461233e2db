// Speed, and where the time goes.

extension RunPage {
  var time: Markup {
    Page.section(
      "Time",
      Page.figures([
        Page.figure(throughput, note: "All ranks, without validation and checkpoints."),
        phases,
      ]))
  }

  private var throughput: LineChart? {
    let points = run.log.epochs.compactMap { epoch in
      epoch.imagesPerSecond.map { ChartPoint(place(epoch), $0) }
    }
    guard let last = points.last else { return nil }
    return LineChart(
      "Throughput", x: .counting("epoch", 1...max(1, last.x)),
      y: .fitting(points.map(\.y), "images a second", including: [0]),
      series: [LineSeries("\(Figures.short(last.y))", points, colour: 0)])
  }

  private var phases: Markup {
    let steps = run.log.steps.filter { $0.seconds != nil }
    guard let mean = PhaseSeconds(mean: steps.compactMap(\.seconds)) else { return "" }
    var rows = [BarChart.Row("all epochs", mean.disjoint)]
    let epochs = Set(steps.map(\.epoch))
    if epochs.count > 1 {
      for epoch in [epochs.min(), epochs.max()].compactMap({ $0 }) {
        let own = PhaseSeconds(mean: steps.filter { $0.epoch == epoch }.compactMap(\.seconds))
        if let own { rows.append(BarChart.Row("epoch \(epoch + 1)", own.disjoint)) }
      }
    }
    let total = mean.disjoint.reduce(0, +)
    let shares = zip(PhaseSeconds.names, mean.disjoint).map { name, seconds in
      "\(name) \(Figures.decimal(total > 0 ? 100 * seconds / total : nil, 1)) %"
    }
    let chart = BarChart(
      "A step by phase", axis: "seconds a step, rank 0", parts: PhaseSeconds.names, rows: rows)
    return Page.figure(
      chart.title,
      note: "All epochs: \(shares.joined(separator: ", ")). Means over the logged steps; statistics, batch norm's "
        + "exchanges, are taken off attack and training in proportion.",
      chart.svg)
  }
}
