// The paper's tables of evaluations: clean accuracy and what an attack left of it, overall and of the worst class; a line for each row,
// set of weights and checkpoint, seeds pooled.

import Fairness
import Recipes

/// The lines of one setting.
package struct EvaluationTable: Sendable {
  /// What a line is of.
  struct Key: Hashable, Sendable {
    let row: String
    let weights: String
    let moment: EvaluationSubject.Moment
  }

  /// One line.
  struct Line: Sendable {
    let key: Key
    let row: PaperTable.Row
    /// One a seed.
    let files: [EvaluationFile]

    /// The average took in nothing with some seed.
    var isUnaccepted: Bool { files.contains { $0.subject.accepted == 0 } }
    var seeds: [String] { SeedRuns.ascending(files.map(\.seed)) }

    func spread(_ figure: AccuracyFigure) -> Spread? {
      Spread(files.compactMap { $0.value(figure) })
    }

    /// What images as a sample leave open, of a line of one seed.
    func interval(_ figure: AccuracyFigure) -> Interval? {
      files.count == 1 ? files[0].interval(figure) : nil
    }
  }

  package let kind: EvaluatedTable
  package let setting: PaperTable.Setting
  let lines: [Line]

  /// The tables of all settings that have evaluations, and what there is to say about these.
  ///
  /// - Parameter files: each with the place that it comes from.
  package static func tables(
    _ kind: EvaluatedTable, of files: [(place: String, file: EvaluationFile)]
  ) -> (tables: [EvaluationTable], remarks: [Remark]) {
    var evaluations = CountedEvaluations(files) { kind.objection(to: $0) }
    let tables = PaperTable.settings.compactMap { setting -> EvaluationTable? in
      let own = evaluations.files(of: setting.name)
      guard !own.isEmpty else { return nil }
      return EvaluationTable(kind: kind, setting: setting, lines: lines(own))
    }
    return (tables, evaluations.remarks)
  }

  private static func key(_ file: EvaluationFile) -> Key {
    Key(row: file.row.name, weights: file.subject.weights, moment: file.subject.moment ?? .other)
  }

  /// By rows as the paper has them, then weights, then checkpoints.
  private static func lines(_ files: [EvaluationFile]) -> [Line] {
    let groups = Dictionary(grouping: files, by: key)
    return PaperTable.Part.allCases.flatMap { part in
      PaperTable.rows.filter { $0.part == part }.flatMap { row in
        Weights.sorted(Set(groups.keys.filter { $0.row == row.name }.map(\.weights))).flatMap { weights in
          [EvaluationSubject.Moment.last, .best].compactMap { moment in
            let key = Key(row: row.name, weights: weights, moment: moment)
            return groups[key].map { Line(key: key, row: row, files: $0) }
          }
        }
      }
    }
  }

  // MARK: - Renderers

  /// For Markdown, LaTeX and pages, in percent.
  package var table: Table {
    let counts = Set(lines.flatMap { $0.files.map(\.count) }).sorted()
    var table = Table(
      [.text("method"), .text("weights"), .text("checkpoint"), .number("seeds")]
        + kind.columns.map { .number($0.title) },
      caption:
        "\(kind.title), rows trained on \(setting.what), \(counts.map { "\($0)" }.joined(separator: " or ")) test images: "
        + "accuracy in percent, worst: \(setting.worst).")
    let leaders = kind.columns.map { column in
      Leaders(lines.map { line in (line.row.part, line.spread(column.figure).map { [$0.mean] } ?? []) })
    }
    for part in PaperTable.Part.allCases {
      for line in lines where line.row.part == part {
        let cells = zip(kind.columns, leaders).map { cell(line, $0.figure, among: $1) }
        table.add(
          [
            .text(line.row.title),
            .text(Weights.title(line.key.weights) + (line.isUnaccepted ? "*" : "")),
            .text(line.key.moment.rawValue), .number("\(line.seeds.count)"),
          ] + cells)
      }
      table.endSection()
    }
    if lines.contains(where: { $0.files.count > 1 }) { table.note("Mean ± standard deviation over seeds.") }
    if lines.contains(where: { $0.interval(.robust) != nil }) {
      table.note("In brackets, of one seed: 95 % of the bootstrap over images.")
    }
    if lines.contains(where: \.isUnaccepted) {
      table.note("* The average accepted no epoch in some runs: there, the raw weights.")
    }
    return table
  }

  /// Accuracy and that of the worst class by corruption; nil for tables of attacks.
  package var details: Table? {
    guard kind == .table4, let names = lines.first?.files.first?.corruptions?.corruptions.map(\.name) else {
      return nil
    }
    var table = Table(
      [.text("corruption")] + lines.flatMap { [.number($0.files[0].title), .number("worst")] },
      caption: "By corruption, all severities pooled, rows trained on \(setting.what): percent.")
    for name in names {
      let cells = lines.flatMap { line in
        let rows = line.files.compactMap { $0.corruptions?.corruptions.first { $0.name == name } }
        return [Spread(rows.map(\.accuracy)), Spread(rows.map(\.worst))].map {
          Table.Cell.number(Figures.percent($0?.mean), deviation: $0?.deviation.map { Figures.percent($0) })
        }
      }
      table.add([.text(name)] + cells)
    }
    return table
  }

  private func cell(_ line: Line, _ figure: AccuracyFigure, among leaders: Leaders) -> Table.Cell {
    guard let spread = line.spread(figure) else { return .number(Figures.absent) }
    let mean = Figures.percent(spread.mean)
    return .number(
      mean, deviation: spread.deviation.map { Figures.percent($0) },
      range: line.interval(figure).map {
        "\(Figures.decimal(100 * $0.lower, 1))–\(Figures.decimal(100 * $0.upper, 1))"
      }, standing: leaders.standing(of: mean, in: line.row.part))
  }

  /// One line a row, weights and checkpoint, fractions in full precision, an unknown number empty; without a head.
  package var csv: String {
    lines.map { line in
      CSV.line(
        [
          kind.rawValue, setting.name, line.row.name, line.row.part.rawValue, line.row.title, line.key.weights,
          line.isUnaccepted ? "1" : "0", line.key.moment.rawValue, "\(line.files[0].count)",
          line.seeds.joined(separator: " "),
        ]
          + AccuracyFigure.byImages.flatMap { figure in
            let (spread, interval) = (line.spread(figure), line.interval(figure))
            return [spread?.mean, spread?.deviation, interval?.lower, interval?.upper].map { CSV.text($0) }
          })
    }.joined()
  }

  /// The head of `csv`.
  package static var csvHead: String {
    CSV.line(
      ["table", "setting", "row", "part", "title", "weights", "unaccepted", "checkpoint", "images", "seeds"]
        + AccuracyFigure.byImages.flatMap { figure in
          ["mean", "deviation", "lower", "upper"].map { "\(figure.column)_\($0)" }
        })
  }
}
