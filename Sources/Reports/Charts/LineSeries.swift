// One line of a chart.

/// Points joined in their order, and how they look.
package struct LineSeries: Equatable, Sendable {
  /// How loud a line is.
  package enum Weight: String, Sendable {
    case quiet, normal, strong
  }

  package let name: String
  /// Where y is no number the line is broken.
  package let points: [ChartPoint]
  /// Index into the palette: the first six are solid, the next six the same colours dashed; then that of text.
  package let colour: Int
  package let weight: Weight
  /// Whether the line has its name at its end.
  package let isLabelled: Bool

  package init(_ name: String, _ points: [ChartPoint], colour: Int, weight: Weight = .normal, isLabelled: Bool = true) {
    self.name = name
    self.points = points
    self.colour = colour
    self.weight = weight
    self.isLabelled = isLabelled
  }

  /// The points in unbroken runs.
  var runs: [ArraySlice<ChartPoint>] { points.split { !$0.y.isFinite || !$0.x.isFinite } }

  /// The colour of text, for the one line among many that is to stand out.
  package static let ink = 12

  /// The class of its colour in the page's style.
  var hue: String { colour >= Self.ink ? "ink" : "c\(colour % 6)" }
  /// The classes of its line.
  var style: String { "line \(hue)\(6..<Self.ink ~= colour ? " dashed" : "") \(weight.rawValue)" }
}
