// The charts of an analysis: a line, or bars, for each model.

import Fairness
import Foundation

/// Draws an analysis.
struct AnalysisCharts {
  let analysis: Analysis

  private var models: [ModelAnalysis] { analysis.models }

  /// A chart and the name of its file, without the ending.
  struct Drawing {
    let name: String
    let title: String
    let note: String
    let svg: Markup
  }

  var all: [Drawing] { byEpsilon + bySteps + [losses] + falsePositives }

  // MARK: - Against the strength of the attack

  var byEpsilon: [Drawing] {
    let note = "\(analysis.attack), steps of 2.5 epsilon / steps; at 0 the images as they are."
    return figures.map { name, title, value in
      let lines = lines { model in
        model.byEpsilon.points.map { ChartPoint(255 * $0.epsilon, 100 * $0[keyPath: value]) }
      }
      let x = Axis.counting("epsilon, in 1/255", 0...(lines.flatMap(\.points).map(\.x).max() ?? 1).rounded())
      return drawing("epsilon-\(name)", "\(title) against epsilon", note, x, title, lines)
    }
  }

  var bySteps: [Drawing] {
    let note = "Epsilon \(Figures.radius(analysis.epsilon)), steps of 2.5 epsilon / steps; at 0 the random start."
    return figures.map { name, title, value in
      let lines = lines { model in
        model.bySteps.points.map { ChartPoint(Self.place($0.steps), 100 * $0[keyPath: value]) }
      }
      let counts = models.first?.bySteps.points.map(\.steps) ?? []
      let places = counts.map(Self.place)
      let x = Axis(
        title: "steps of PGD", range: 0...max(1, places.max() ?? 1), isLogarithmic: false,
        ticks: Ticks(places, labels: counts.map { "\($0)" }))
      return drawing("steps-\(name)", "\(title) against steps", note, x, title, lines)
    }
  }

  /// Where a number of steps lies: as its logarithm, with room for none.
  private static func place(_ steps: Int) -> Double { log2(1 + Double(steps)) }

  private var figures: [(name: String, title: String, value: KeyPath<AttackCurve.Point, Double>)] {
    [("accuracy", "Robust accuracy", \.robustAccuracy), ("worst", "Worst class", \.robustWorst)]
  }

  private func drawing(
    _ name: String, _ title: String, _ note: String, _ x: Axis, _ what: String, _ lines: [LineSeries]
  ) -> Drawing {
    let y = Axis.fitting(lines.flatMap(\.points).map(\.y), "\(what.lowercased()), %", including: [0, 10])
    return Drawing(name: name, title: title, note: note, svg: LineChart(title, x: x, y: y, series: lines).svg)
  }

  private func lines(_ points: (ModelAnalysis) -> [ChartPoint]) -> [LineSeries] {
    models.enumerated().map { LineSeries($1.name, points($1), colour: $0 % LineSeries.ink) }
  }

  // MARK: - Along the attack

  var losses: Drawing {
    let lines = lines { model in model.losses.enumerated().map { ChartPoint(Double($0), $1) } }
    let title = "Loss along the attack"
    return Drawing(
      name: "loss", title: title,
      note: "Mean cross-entropy of the labels, from the random start to the end of \(analysis.attack), epsilon "
        + "\(Figures.radius(analysis.epsilon)).",
      svg: LineChart(
        title, x: .counting("step", 0...Double(max(1, analysis.steps))),
        y: .fitting(lines.flatMap(\.points).map(\.y), "cross-entropy", including: [0]), series: lines
      ).svg)
  }

  // MARK: - Whom images are taken for

  /// More classes than these are drawn by the largest shares only.
  private static let drawn = 20

  /// One chart of all models where they have the same classes, else one of each.
  var falsePositives: [Drawing] {
    let names = Set(models.map(\.classNames))
    let groups = names.count == 1 ? [models] : models.map { [$0] }
    return groups.enumerated().compactMap { index, group -> Drawing? in
      let scored = group.compactMap { model in model.falsePositiveScores.map { (model, $0) } }
      guard let first = scored.first else { return nil }
      let classes = first.0.classNames
      let parts = scored.map(\.0.name)
      func largest(_ k: Int) -> Double { scored.map { $0.1[k] }.max() ?? 0 }
      let shown = classes.indices.sorted { (-largest($0), $0) < (-largest($1), $1) }.prefix(Self.drawn).sorted()
      let rows = shown.flatMap { k in
        scored.enumerated().map { place, scored -> BarChart.Row in
          // Each model has a colour of its own.
          var values = [Double](repeating: 0, count: parts.count)
          values[place] = 100 * scored.1[k]
          return BarChart.Row(parts.count == 1 ? classes[k] : "\(classes[k]), \(scored.0.name)", values)
        }
      }
      let title = "Class-wise false positives" + (groups.count > 1 ? ": \(first.0.name)" : "")
      return Drawing(
        name: "false-positives" + (groups.count > 1 ? "-\(index + 1)" : ""), title: title,
        note: "Share of each class in all false positives (CFP) under \(analysis.attack), epsilon "
          + "\(Figures.radius(analysis.epsilon))"
          + (shown.count < classes.count ? "; the \(shown.count) largest of \(classes.count)." : "."),
        svg: BarChart(title, axis: "share in all false positives, %", parts: parts, rows: rows).svg)
    }
  }
}
