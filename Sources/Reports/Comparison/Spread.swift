// Mean and sample standard deviation: s^2 = sum (x - mean)^2 / (n - 1).

/// What several runs say about a number.
package struct Spread: Equatable, Sendable {
  package let count: Int
  package let mean: Double
  /// Of the sample; nil for a single value.
  package let deviation: Double?

  /// Nil without values.
  package init?(_ values: [Double]) {
    guard !values.isEmpty else { return nil }
    let mean = values.reduce(0, +) / Double(values.count)
    count = values.count
    self.mean = mean
    deviation =
      values.count < 2
      ? nil : (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)).squareRoot()
  }
}
