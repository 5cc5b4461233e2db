// The classes: how they fare over epochs, what fairness does about it, and where they stand in the end.

extension RunPage {
  var classes: Markup {
    let worst = run.worstClasses
    let names = worst.map { run.classNames[$0] }.joined(separator: ", ")
    let which =
      worst.count > 1
      ? "The worst tenth of the classes by the latest robust accuracy, in all charts: \(names)."
      : "Thick in all charts: \(names), the worst class by the latest robust accuracy."
    let charts = Page.figures([
      Page.figure(robust(.validation)), Page.figure(robust(.test)), Page.figure(trained),
      Page.figure(
        chart("False positive scores", "share of all false positives, %") { $0.cfp?.map { 100 * $0 } },
        note: "Of the adversarial training batches; they make the next epoch's prior."),
      Page.figure(chart("Target prior", "probability as a target, %") { $0.prior?.map { 100 * $0 } }),
      Page.figure(chart("Class margins", "margin, 1/255") { $0.margins255.map { $0.map { $0 } } }),
    ])
    if charts.source.isEmpty { return "" }
    let note: Markup = worst.isEmpty ? "" : "<p class=\"muted\">\(which)</p>\n"
    return Page.section("Classes over epochs", note + charts) + Page.section("Classes at the end", table)
  }

  private func chart(_ title: String, _ axis: String, _ values: (EpochEntry) -> [Double?]?) -> LineChart? {
    ClassChart(
      title, axis: axis,
      run.log.epochs.compactMap { epoch in values(epoch).map { ClassChart.Entry(place(epoch), $0) } },
      names: run.classNames, worst: run.worstClasses
    ).chart
  }

  /// Of the raw weights, where a split was evaluated in more than one epoch.
  private func robust(_ split: ResultSplit) -> LineChart? {
    let evaluated = run.log.epochs.filter { $0.results(split)["raw"]?.classRobust != nil }
    guard evaluated.count > 1 else { return nil }
    return chart("Robust accuracy by class, \(split.rawValue)", "robust accuracy, %") { epoch in
      epoch.results(split)["raw"]?.classRobust.map { $0.map { $0.map { 100 * $0 } } }
    }
  }

  private var trained: LineChart? {
    chart("Robust accuracy by class, training batches", "robust accuracy, %") { epoch in
      epoch.classTraining.map { $0.map { $0.map { 100 * $0 } } }
    }
  }

  // MARK: - The table

  private var table: Markup {
    guard let last = run.log.epochs.last else { return "" }
    let count = run.classNames.count
    let latest = run.classResults
    /// A column of the table; nil where nothing is known.
    func column(
      _ title: String, _ values: [Double?]?, scale: Double? = nil, _ text: @escaping (Double?) -> String
    ) -> (title: String, cell: (Int) -> HTMLTable.Cell)? {
      guard let values, values.count == count, values.contains(where: { $0 != nil }) else { return nil }
      let top = scale ?? values.compactMap { $0 }.max() ?? 1
      return (title, { k in .number(text(values[k]), heat: values[k].map { top > 0 ? $0 / top : 0 }) })
    }
    let percent: (Double?) -> String = { Figures.percent($0) }
    let columns = [
      column("clean %", latest?.result.classClean, scale: 1, percent),
      column("robust %", latest?.result.classRobust, scale: 1, percent),
      column("robust, training %", last.classTraining, scale: 1, percent),
      column("false positives %", last.cfp, percent),
      column("prior %", last.prior, percent),
      column("margin, 1/255", last.margins255) { Figures.decimal($0, 3) },
      column("targets drawn", last.targets?.map { Double($0) }) { $0.map { "\(Int($0))" } ?? Figures.absent },
    ].compactMap { $0 }
    if columns.isEmpty { return "" }

    let ranked = run.rankedClasses
    let order = ranked + Set(run.classNames.indices).subtracting(ranked).sorted()
    // Long tables stand side by side.
    let rowsEach = count > 40 ? (count + 1) / 2 : max(1, count)
    let worst = Set(run.worstClasses)
    let parts: [Markup] = stride(from: 0, to: count, by: rowsEach).map { start in
      var part = HTMLTable([.number("#"), .text("class")] + columns.map { .number($0.title) })
      for k in order[start..<min(start + rowsEach, count)] {
        part.add(
          [.number("\(k)"), .text(run.classNames[k])] + columns.map { $0.cell(k) }, isWorst: worst.contains(k))
      }
      return part.markup
    }
    let source =
      latest.map { "Clean and robust: \($0.split.rawValue), raw weights, epoch \($0.epoch.epoch + 1). " } ?? ""
    return """
      <p class="muted">\(source)The others: the training batches of epoch \(last.epoch + 1). The worst class first.</p>
      <div class="halves">
      \(parts)</div>

      """
  }
}
