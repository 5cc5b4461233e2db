// A value at a place.

/// A point of a line.
package struct ChartPoint: Equatable, Sendable {
  package let x: Double, y: Double

  package init(_ x: Double, _ y: Double) {
    self.x = x
    self.y = y
  }
}
