// Checks of what was given on the command line, before anything starts.

import ArgumentParser

/// Refuses values outside of their ranges.
enum ValueCheck {
  /// - Parameter values: nil was not given.
  static func whole(_ values: [(name: String, value: Int?, range: ClosedRange<Int>)]) throws {
    for case (let name, let value?, let range) in values where !range.contains(value) {
      let most = range.upperBound == .max ? "" : " to \(range.upperBound)"
      throw ValidationError("\(name) takes a whole number from \(range.lowerBound)\(most).")
    }
  }
}

extension ClosedRange<Int> {
  static var natural: Self { 0...Int.max }
  static var positive: Self { 1...Int.max }
}
