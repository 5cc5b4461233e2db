// The paper's Table 1 from results of its rows: clean and robust accuracy, overall and of the worst class, the weights as
// trained and their averages side by side, seeds pooled.

import Fairness
import Recipes

/// The rows of one setting.
package struct RowTable: Sendable {
  /// One row.
  package struct Line: Sendable {
    package let row: PaperTable.Row
    package let seeds: [String]
    /// Those that have results of these weights.
    let seedsByWeights: [String: [String]]
    /// Over the seeds, in [0, 1].
    let spreads: [Entry: Spread]
    /// The averages that took in nothing with some seed.
    let unaccepted: Set<String>
    /// Of the training, seconds.
    let duration: Spread?
  }

  /// Which number.
  struct Entry: Hashable, Sendable {
    let figure: AccuracyFigure
    let weights: String
  }

  package let setting: PaperTable.Setting
  /// In the order of the table.
  package let lines: [Line]
  static let weights = ["raw", "ema", "fawa"]

  /// The tables of all settings that have results, and what there is to say about these.
  ///
  /// - Parameter results: each with the place that it comes from.
  package static func tables(
    of results: [(place: String, result: RowResult)]
  ) -> (tables: [RowTable], remarks: [Remark]) {
    var remarks: [Remark] = []
    var counted: [(place: String, result: RowResult)] = []
    for (place, result) in results {
      if !result.changed.isEmpty {
        let changes = result.changed.joined(separator: "; ")
        remarks.append(Remark("\(place) is left out: it is not the row, but has \(changes)"))
        continue
      }
      if result.test == nil {
        remarks.append(Remark("\(place) is left out: it has no results on test images"))
        continue
      }
      if let first = counted.first(where: { $0.result.recipe == result.recipe && $0.result.seed == result.seed }) {
        remarks.append(remark(on: result, at: place, after: first.result, at: first.place))
        continue
      }
      counted.append((place, result))
    }
    remarks += RowDefinition.remarks(on: counted.map { ($0.place, $0.result.recipe, $0.result.definition) })
    let tables = PaperTable.settings.compactMap { setting -> RowTable? in
      let own = counted.filter { PaperTable.place(of: $0.result.recipe)?.setting.name == setting.name }
      let digests = Set(own.compactMap(\.result.dataDigest))
      if digests.count > 1 {
        remarks.append(
          Remark("WARNING: rows of \(setting.name) were trained on different data (data_digest)", isWarning: true))
      }
      let lines = PaperTable.Part.allCases.flatMap { part in
        PaperTable.rows.filter { $0.part == part }.compactMap { row in
          line(row, own.map(\.result).filter { PaperTable.place(of: $0.recipe)?.row.name == row.name })
        }
      }
      return lines.isEmpty ? nil : RowTable(setting: setting, lines: lines)
    }
    return (tables, remarks)
  }

  /// What there is to say of a second result of a recipe and seed.
  private static func remark(
    on second: RowResult, at place: String, after first: RowResult, at counted: String
  ) -> Remark {
    if first.digest == second.digest { return Remark("\(place) is the same run as \(counted): counted once") }
    func program(_ result: RowResult) -> String {
      "\(result.version ?? "an unknown version") for \(result.builtFor ?? "an unknown CPU")"
    }
    if program(first) != program(second) {
      return Remark(
        "\(counted) and \(place) are of other programs (\(program(first)), \(program(second))): only \(counted) is "
          + "counted")
    }
    return Remark(
      "WARNING: \(counted) and \(place) are the same recipe and seed with different digests, which breaks the promise of "
        + "the same bits; only \(counted) is counted", isWarning: true)
  }

  private static func line(_ row: PaperTable.Row, _ results: [RowResult]) -> Line? {
    guard !results.isEmpty else { return nil }
    var spreads: [Entry: Spread] = [:]
    for figure in AccuracyFigure.allCases {
      for weights in weights {
        let values = results.compactMap { $0.test?[weights]?[figure] }
        spreads[Entry(figure: figure, weights: weights)] = Spread(values)
      }
    }
    let unaccepted = weights.dropFirst().filter { weights in results.contains { $0.accepted?[weights] == 0 } }
    let seeds = Dictionary(
      uniqueKeysWithValues: weights.map { weights in
        (weights, SeedRuns.ascending(results.filter { $0.test?[weights] != nil }.map(\.seed)))
      })
    return Line(
      row: row, seeds: SeedRuns.ascending(results.map(\.seed)), seedsByWeights: seeds, spreads: spreads,
      unaccepted: Set(unaccepted),
      duration: Spread(results.compactMap(\.trainingSeconds)))
  }

  // MARK: - Renderers

  /// For Markdown and LaTeX, in percent.
  package var table: Table {
    let figures = AccuracyFigure.byImages
    let titles = figures.flatMap { figure in
      Self.weights.map { Table.Cell.number(figure.heading() + ($0 == "raw" ? "" : ", \(Weights.title($0))")) }
    }
    var table = Table(
      [.text("method"), .number("seeds")] + titles + [.number("minutes")],
      caption: "Table 1 on \(setting.what): accuracy in percent, worst: \(setting.worst).")
    // Over all sets of weights.
    let leaders = figures.map { figure in
      Leaders(
        lines.map { line in
          (line.row.part, Self.weights.compactMap { line.spreads[Entry(figure: figure, weights: $0)]?.mean })
        })
    }
    for part in PaperTable.Part.allCases {
      for line in lines where line.row.part == part {
        let cells = zip(figures, leaders).flatMap { figure, leaders in
          Self.weights.map { weights -> Table.Cell in
            guard let spread = line.spreads[Entry(figure: figure, weights: weights)] else {
              return .number(Figures.absent)
            }
            let mean = Figures.percent(spread.mean)
            return .number(
              mean, deviation: spread.deviation.map { Figures.percent($0) },
              mark: line.unaccepted.contains(weights) ? "*" : "",
              standing: leaders.standing(of: mean, in: line.row.part))
          }
        }
        let minutes = Figures.decimal(line.duration.map { $0.mean / 60 }, 1)
        table.add([.text(line.row.title), .number("\(line.seeds.count)")] + cells + [.number(minutes)])
      }
      table.endSection()
    }
    if lines.contains(where: { $0.seeds.count > 1 }) {
      table.note("Mean ± standard deviation over seeds.")
    }
    if lines.contains(where: { !$0.unaccepted.isEmpty }) {
      table.note("* The average accepted no epoch in some runs: there, the raw weights.")
    }
    return table
  }

  /// One line a row and set of weights, fractions in full precision, an unknown number empty; without a head.
  package var csv: String {
    lines.flatMap { line in
      Self.weights.compactMap { weights -> String? in
        let spreads = AccuracyFigure.allCases.map { line.spreads[Entry(figure: $0, weights: weights)] }
        let seeds = line.seedsByWeights[weights] ?? []
        if seeds.isEmpty { return nil }
        return CSV.line(
          [
            setting.name, line.row.name, line.row.part.rawValue, line.row.title, weights,
            line.unaccepted.contains(weights) ? "1" : "0", "\(seeds.count)", seeds.joined(separator: " "),
          ] + spreads.flatMap { [CSV.text($0?.mean), CSV.text($0?.deviation)] } + [CSV.text(line.duration?.mean)])
      }
    }.joined()
  }

  /// The head of `csv`.
  package static var csvHead: String {
    CSV.line(
      ["setting", "row", "part", "title", "weights", "unaccepted", "runs", "seeds"]
        + AccuracyFigure.allCases.flatMap { ["\($0.column)_mean", "\($0.column)_deviation"] } + ["training_seconds"]
    )
  }
}
