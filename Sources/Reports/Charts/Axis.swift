// From values to positions, and the ticks in between.

import Foundation

/// One axis of a chart.
package struct Axis: Equatable, Sendable {
  /// What it shows, with the unit.
  package let title: String
  package let range: ClosedRange<Double>
  package let isLogarithmic: Bool
  package let ticks: Ticks

  /// An axis of counts, such as epochs, over exactly this range.
  ///
  /// - Precondition: the range ends below 2^53.
  package static func counting(_ title: String, _ range: ClosedRange<Double>) -> Axis {
    let range = range.upperBound > range.lowerBound ? range : range.lowerBound...(range.lowerBound + 1)
    return Axis(
      title: title, range: range, isLogarithmic: false, ticks: Ticks(in: range, about: 8, wholeNumbers: true))
  }

  /// An axis that begins and ends at ticks around all values; values that are not finite do not count.
  ///
  /// - Parameter including: values that must be on the axis, such as 0.
  package static func fitting(_ values: [Double], _ title: String, including: [Double] = []) -> Axis {
    // The length of the range must be a number too.
    let all = values.filter { abs($0) < 1e100 } + including
    let low = all.min() ?? 0
    let high = all.max() ?? 1
    let size = max(abs(low), abs(high))
    // A constant, but for rounding, gets room on both sides; so does what is too small for ticks in between.
    let isConstant = high - low <= max(1e-12 * size, 1e-90)
    let room = isConstant ? max(size / 10, 1e-3) : 0
    let (range, ticks) = Ticks.around((including.contains(low) ? low : low - room)...(high + room))
    return Axis(title: title, range: range, isLogarithmic: false, ticks: ticks)
  }

  /// A logarithmic axis over whole decades; linear where a value is not positive, or too small for a decade of its own.
  package static func logarithmic(_ values: [Double], _ title: String) -> Axis {
    let all = values.filter { abs($0) < 1e100 }
    guard let low = all.min(), let high = all.max(), low > 1e-100 else { return fitting(values, title, including: [0]) }
    let first = floor(log10(low) + 1e-9)
    let last = ceil(log10(high) - 1e-9)
    let range = pow(10, first == last ? first - 1 : first)...pow(10, first == last ? last + 1 : last)
    return Axis(title: title, range: range, isLogarithmic: true, ticks: Ticks(decadesIn: range))
  }

  /// Where a value lies: 0 at the lower end, 1 at the upper.
  package func fraction(_ value: Double) -> Double {
    if isLogarithmic {
      return log10(max(value, range.lowerBound) / range.lowerBound) / log10(range.upperBound / range.lowerBound)
    }
    return (value - range.lowerBound) / (range.upperBound - range.lowerBound)
  }
}
