// Numbers as people read them, the same way on every page.

import Foundation

/// Formats numbers; what is not known or not finite is a dash.
package enum Figures {
  /// What stands for a number that is not known.
  package static let absent = "–"

  /// A fraction as percent with two decimals, without the sign.
  package static func percent(_ fraction: Double?) -> String { decimal(fraction.map { 100 * $0 }, 2) }

  /// Mean and deviation of fractions as percent: `38.57 ± 2.88`.
  package static func percent(_ spread: Spread?) -> String {
    guard let spread else { return absent }
    return percent(spread.mean) + (spread.deviation.map { " ± \(percent($0))" } ?? "")
  }

  /// So many decimals.
  package static func decimal(_ value: Double?, _ places: Int) -> String {
    guard let value, value.isFinite else { return absent }
    return String(format: "%.\(places)f", value)
  }

  /// Three significant digits, never in exponents between 0.001 and a million.
  package static func short(_ value: Double?) -> String {
    guard let value, value.isFinite else { return absent }
    let size = abs(value)
    if size == 0 { return "0" }
    if size < 1e-3 || size >= 1e6 { return String(format: "%.2e", value) }
    return decimal(value, max(0, 2 - Int(floor(log10(size)))))
  }

  /// A radius in L∞, pixels in [0, 1], in units of 1/255 with up to two decimals: `8/255`, `0.5/255`.
  package static func radius(_ epsilon: Double) -> String {
    let units = (25_500 * epsilon).rounded() / 100
    return (units == units.rounded() ? "\(Int(units))" : "\(units)") + "/255"
  }
}
