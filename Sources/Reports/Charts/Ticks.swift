// Round numbers for axes: steps of 1, 2 or 5 times a power of ten.

import Foundation

/// The ticks of an axis.
package struct Ticks: Equatable, Sendable {
  package let values: [Double]
  package let labels: [String]

  /// Multiples of a round step that lie in a range; the step is the one that comes closest to `count` of them.
  ///
  /// - Parameter wholeNumbers: no step smaller than 1, for axes that count.
  package init(in range: ClosedRange<Double>, about count: Int = 5, wholeNumbers: Bool = false) {
    self.init(
      in: range, step: Self.step(for: range.upperBound - range.lowerBound, about: count, wholeNumbers: wholeNumbers))
  }

  private init(in range: ClosedRange<Double>, step: Double) {
    // A range that ends at a multiple but for rounding has that multiple.
    let first = Int((range.lowerBound / step - 1e-9).rounded(.up))
    let last = Int((range.upperBound / step + 1e-9).rounded(.down))
    let places = max(0, Int(-floor(log10(step) + 1e-9)))
    values = first <= last ? (first...last).map { Double($0) * step } : []
    labels = values.map { String(format: "%.\(places)f", $0 == 0 ? 0 : $0) }
  }

  /// Ticks at given places.
  ///
  /// - Precondition: as many labels as values.
  init(_ values: [Double], labels: [String]) {
    precondition(values.count == labels.count, "one label a tick expected")
    self.values = values
    self.labels = labels
  }

  /// The powers of ten in a positive range.
  package init(decadesIn range: ClosedRange<Double>) {
    let first = Int((log10(range.lowerBound) - 1e-9).rounded(.up))
    let last = Int((log10(range.upperBound) + 1e-9).rounded(.down))
    let every = max(1, (last - first) / 6 + 1)
    let exponents = first <= last ? Array(stride(from: first, through: last, by: every)) : []
    values = exponents.map { pow(10, Double($0)) }
    labels = zip(exponents, values).map { -5...5 ~= $0 ? String(format: "%.\(max(0, -$0))f", $1) : "1e\($0)" }
  }

  /// The smallest range around another one that begins and ends at ticks, and these ticks.
  package static func around(
    _ range: ClosedRange<Double>, about count: Int = 5
  ) -> (range: ClosedRange<Double>, ticks: Ticks) {
    let step = Self.step(for: range.upperBound - range.lowerBound, about: count, wholeNumbers: false)
    let low = (range.lowerBound / step + 1e-9).rounded(.down) * step
    let high = (range.upperBound / step - 1e-9).rounded(.up) * step
    let widened = low...max(high, low + step)
    return (widened, Ticks(in: widened, step: step))
  }

  private static func step(for length: Double, about count: Int, wholeNumbers: Bool) -> Double {
    guard length > 0, length.isFinite else { return 1 }
    let rough = length / Double(max(1, count))
    let power = pow(10, floor(log10(rough)))
    let candidates = [1, 2, 5, 10].map { $0 * power }
    let step = candidates.min { abs(length / $0 - Double(count)) < abs(length / $1 - Double(count)) } ?? power
    return wholeNumbers ? max(1, step) : step
  }
}
