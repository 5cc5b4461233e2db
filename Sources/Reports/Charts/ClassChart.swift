// A number per class over epochs. Up to twelve classes are lines of their own; more of them are quantile bands, with
// the worst ones as lines on top.

import Fairness

/// Values by class and epoch, to be drawn.
package struct ClassChart: Sendable {
  /// More classes than these are drawn as bands.
  package static let mostLines = 12

  /// A line for a chart: its place and one value per class.
  package struct Entry: Sendable {
    package let x: Double
    /// Nil for a class without a value.
    package let values: [Double?]

    package init(_ x: Double, _ values: [Double?]) {
      self.x = x
      self.values = values
    }
  }

  private let title: String
  private let axisTitle: String
  private let entries: [Entry]
  private let names: [String]
  private let worst: [Int]

  /// Entries that do not have one value per class are left out.
  ///
  /// - Parameter worst: the classes to point out, worst first.
  package init(_ title: String, axis axisTitle: String, _ entries: [Entry], names: [String], worst: [Int]) {
    self.title = title
    self.axisTitle = axisTitle
    self.entries = entries.filter { $0.values.count == names.count }
    self.names = names
    self.worst = worst
  }

  /// The chart; nil without values.
  package var chart: LineChart? {
    let values = entries.flatMap(\.values).compactMap { $0 }
    guard let first = entries.first, let last = entries.last, !values.isEmpty else { return nil }
    let x = Axis.counting("epoch", first.x...last.x)
    let y = Axis.fitting(values, axisTitle, including: [0])
    return names.count <= Self.mostLines
      ? LineChart(title, x: x, y: y, series: lines) : LineChart(title, x: x, y: y, bands: bands, series: highlights)
  }

  private func points(of k: Int) -> [ChartPoint] { entries.map { ChartPoint($0.x, $0.values[k] ?? .nan) } }

  private var lines: [LineSeries] {
    names.indices.map { k in
      worst.first == k
        ? LineSeries(names[k], points(of: k), colour: LineSeries.ink, weight: .strong)
        : LineSeries(names[k], points(of: k), colour: k)
    }
  }

  private func quantile(_ p: Double) -> [Double] {
    entries.map { Quantiles.value(p, ofSorted: $0.values.compactMap { $0 }.sorted()) }
  }

  private var bands: [Band] {
    let x = entries.map(\.x)
    return [("all classes", 0, 1), ("middle 80 %", 0.1, 0.9), ("middle half", 0.25, 0.75)].map { name, low, high in
      Band(name, x: x, low: quantile(low), high: quantile(high))
    }
  }

  private var highlights: [LineSeries] {
    let median = zip(entries, quantile(0.5)).map { ChartPoint($0.x, $1) }
    let mean = entries.map { entry in
      ChartPoint(entry.x, Spread(worst.compactMap { entry.values[$0] })?.mean ?? .nan)
    }
    let title = worst.count == 1 ? names[worst[0]] : "worst \(worst.count), mean"
    return worst.map { LineSeries(names[$0], points(of: $0), colour: 1, weight: .quiet, isLabelled: false) } + [
      LineSeries("median", median, colour: 0), LineSeries(title, mean, colour: 1, weight: .strong),
    ]
  }
}
