// Horizontal bars: one a row, of one or more parts, with a whisker for the deviation where there is one.

/// A chart of bars from zero on.
package struct BarChart: Equatable, Sendable {
  /// One bar.
  package struct Row: Equatable, Sendable {
    package let name: String
    /// One value a part, in the order of `parts`; drawn end to end.
    package let values: [Double]
    /// Half the length of the whisker at the end of the bar.
    package let deviation: Double?

    package init(_ name: String, _ values: [Double], deviation: Double? = nil) {
      self.name = name
      self.values = values
      self.deviation = deviation
    }
  }

  package let title: String
  package let axis: Axis
  /// What the parts of a bar are; a single part needs no legend.
  package let parts: [String]
  package let rows: [Row]

  /// - Precondition: each row has a value for every part.
  package init(_ title: String, axis axisTitle: String, parts: [String], rows: [Row]) {
    precondition(rows.allSatisfy { $0.values.count == parts.count }, "one value per part expected")
    self.title = title
    self.parts = parts
    self.rows = rows
    axis = .fitting(rows.map { $0.values.reduce(0, +) + ($0.deviation ?? 0) }, axisTitle, including: [0])
  }
}
