// Lines and bands over a horizontal axis, drawn as SVG.

/// A chart of lines, each with its name at its end.
package struct LineChart: Equatable, Sendable {
  package let title: String
  package let x: Axis, y: Axis
  /// Drawn in this order, below the lines; the outermost first.
  package let bands: [Band]
  /// Drawn in this order; the quiet ones first.
  package let series: [LineSeries]

  package init(_ title: String, x: Axis, y: Axis, bands: [Band] = [], series: [LineSeries]) {
    self.title = title
    self.x = x
    self.y = y
    self.bands = bands
    let order: [LineSeries.Weight] = [.quiet, .normal, .strong]
    self.series = order.flatMap { weight in series.filter { $0.weight == weight } }
  }
}
