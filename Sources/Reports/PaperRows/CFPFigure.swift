// The paper's Figure 1: which classes images are taken for by mistake, as shares of all mistakes under an attack (CFP), model by model.

import Fairness
import Recipes

/// The class-wise false positives of several models.
package struct CFPFigure: Sendable {
  /// One model, its seeds pooled.
  struct Series: Sendable {
    let title: String
    let seeds: [String]
    /// By class, in [0, 1].
    let scores: [Spread]
  }

  let setting: PaperTable.Setting
  let attack: String
  let classNames: [String]
  let series: [Series]

  /// The figures of all settings that have evaluations, and what there is to say about these.
  ///
  /// - Parameter files: each with the place that it comes from.
  package static func figures(
    of files: [(place: String, file: EvaluationFile)]
  ) -> (figures: [CFPFigure], remarks: [Remark]) {
    // The first of each setting says which attack, and how many classes.
    var firsts: [String: (place: String, evaluation: AttackEvaluation)] = [:]
    for (place, file) in files {
      guard let attack = file.attack, firsts[file.setting.name] == nil else { continue }
      firsts[file.setting.name] = (place, attack)
    }
    var evaluations = CountedEvaluations(files) { file in
      guard let attack = file.attack, let (place, first) = firsts[file.setting.name] else {
        return "it judges by corruptions, the figure by an attack"
      }
      if (attack.attack, attack.norm, attack.epsilon) != (first.attack, first.norm, first.epsilon) {
        return "its attack is another one than \(first.attack) of \(place)"
      }
      if attack.robust.classCount != first.robust.classCount {
        return "it has \(attack.robust.classCount) classes, \(place) has \(first.robust.classCount)"
      }
      return attack.robust.falsePositiveScores == nil ? "it has no mistake to share out" : nil
    }
    let figures = PaperTable.settings.compactMap { CFPFigure($0, evaluations.files(of: $0.name)) }
    return (figures, evaluations.remarks)
  }

  private init?(_ setting: PaperTable.Setting, _ files: [EvaluationFile]) {
    guard let first = files.first, let evaluation = first.attack else { return nil }
    self.setting = setting
    attack = evaluation.attack
    let count = evaluation.robust.classCount
    classNames =
      first.subject.classNames.count == count ? first.subject.classNames : (0..<count).map { "class \($0)" }
    let groups = Dictionary(grouping: files, by: \.title)
    let titles = files.map(\.title).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    series = titles.map { title in
      let files = groups[title] ?? []
      let scores = files.compactMap { $0.attack?.robust.falsePositiveScores }
      return Series(
        title: title, seeds: SeedRuns.ascending(files.map(\.seed)),
        scores: (0..<count).compactMap { k in Spread(scores.map { $0[k] }) })
    }
  }

  private var caption: String {
    "Figure 1: share of each class in all false positives under \(attack), percent, rows trained on \(setting.what)"
  }

  /// More classes than these are drawn by the largest shares only.
  private static let drawn = 20

  /// A bar for each class and model.
  var chart: BarChart {
    let largest = classNames.indices.sorted { score($0) > score($1) }.prefix(Self.drawn)
    let rows = largest.sorted().flatMap { k in
      series.map { series in
        BarChart.Row(
          "\(classNames[k]), \(series.title)", [100 * series.scores[k].mean],
          deviation: series.scores[k].deviation.map { 100 * $0 })
      }
    }
    return BarChart(caption, axis: "share in all false positives, %", parts: ["share"], rows: rows)
  }

  private func score(_ k: Int) -> Double { series.map { $0.scores[k].mean }.max() ?? 0 }

  /// A row for each class.
  package var table: Table {
    var table = Table([.text("class")] + series.map { .number($0.title) }, caption: caption + ".")
    for (k, name) in classNames.enumerated() {
      table.add(
        [.text(name)]
          + series.map { series in
            .number(
              Figures.percent(series.scores[k].mean), deviation: series.scores[k].deviation.map { Figures.percent($0) })
          })
    }
    if series.contains(where: { $0.seeds.count > 1 }) { table.note("Mean ± standard deviation over seeds.") }
    return table
  }

  /// The chart above the table.
  package var markup: Markup {
    Page.figure(caption, note: "Whisker: one standard deviation over seeds.", chart.svg) + table.markup
  }

  /// A page of figures.
  package static func page(_ figures: [CFPFigure]) -> String {
    let title = "Figure 1: class-wise false positives"
    return Page(title, body: "<header><h1>\(title)</h1></header>\n\(figures.map(\.markup))").html
  }

  /// The chart as a file of its own.
  package var svg: String { chart.svg.standalone }

  /// One line a class and model, without a head.
  package var csv: String {
    series.flatMap { series in
      classNames.enumerated().map { k, name in
        CSV.line([
          setting.name, attack, series.title, series.seeds.joined(separator: " "), "\(k)", name,
          "\(series.scores[k].mean)", series.scores[k].deviation.map { "\($0)" } ?? "",
        ])
      }
    }.joined()
  }

  /// The head of `csv`.
  package static var csvHead: String {
    CSV.line(["setting", "attack", "model", "seeds", "class", "name", "cfp_mean", "cfp_deviation"])
  }
}

extension Markup {
  /// A drawing of a page as a file: with the page's style, on white.
  var standalone: String {
    guard let start = source.firstIndex(of: ">") else { return source }
    let inside = source.index(after: start)
    let style = "<style>\(PageStyle.css) svg { background: #fff; color-scheme: light }</style>"
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + source[..<inside] + style + source[inside...] + "\n"
  }
}
