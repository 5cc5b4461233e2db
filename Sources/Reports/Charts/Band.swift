// An area between two lines, for the spread of many.

/// What lies between two values at every place.
package struct Band: Equatable, Sendable {
  package let name: String
  package let x: [Double]
  package let low: [Double], high: [Double]

  /// - Precondition: as many values as places.
  package init(_ name: String, x: [Double], low: [Double], high: [Double]) {
    precondition(x.count == low.count && x.count == high.count, "one value per place expected")
    self.name = name
    self.x = x
    self.low = low
    self.high = high
  }
}
