// Checks of what was given on the command line, before anything starts.

import ArgumentParser

/// Refuses values outside of their ranges.
enum ValueCheck {
  /// Of a launch: more than any machine has.
  static let ranks = 1...1_000_000_000

  /// - Parameter values: nil was not given.
  static func whole(_ values: [(name: String, value: Int?, range: ClosedRange<Int>)]) throws {
    for case (let name, let value?, let range) in values where !range.contains(value) {
      throw ValidationError("\(name) takes a whole number from \(range.lowerBound) to \(range.upperBound).")
    }
  }
}
