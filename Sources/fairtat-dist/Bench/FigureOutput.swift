// How figures of benchmarks and plans are shown: a table on the terminal and a file of JSON.

import Communication
import Foundation
import Reports

/// Shows figures.
enum FigureOutput {
  /// Writes the figures as JSON, keys in snake_case; on rank 0.
  static func write(_ figures: some Encodable, to output: ResultOutput) throws {
    try output.write {
      let encoder = JSONEncoder.pretty()
      encoder.keyEncodingStrategy = .convertToSnakeCase
      return try encoder.text(figures)
    }
  }

  /// Prints a table and an empty line; on rank 0.
  static func show(_ table: TextTable, _ output: ResultOutput) throws {
    try output.print(table.text(colour: TextTable.colourIsWelcome) + "\n")
  }

  /// A number with three or more significant digits.
  static func text(_ value: Double) -> String {
    guard value.isFinite else { return "-" }
    if value == 0 { return "0" }
    let digits = max(0, min(9, 2 - Int(log10(abs(value)).rounded(.down))))
    return String(format: "%.\(digits)f", value)
  }

  /// Seconds in a unit that suits them.
  static func seconds(_ value: Double) -> String {
    if value < 1e-3 { return text(1e6 * value) + " us" }
    return value < 1 ? text(1e3 * value) + " ms" : text(value) + " s"
  }

  /// A part of a whole.
  static func percent(_ part: Double) -> String { part.isFinite ? String(format: "%.1f %%", 100 * part) : "-" }

  /// Bytes in MiB or GiB.
  static func bytes(_ count: Int) -> String {
    count < 1 << 30 ? text(Double(count) / 0x1p20) + " MiB" : text(Double(count) / 0x1p30) + " GiB"
  }
}

extension Communicator {
  /// The greatest of every rank's seconds, to a nanosecond.
  func slowest(_ seconds: Double) throws -> Double { Double(try maximum(Int(seconds * 1e9))) * 1e-9 }

  /// The sum of every rank's value, each as it is.
  func sum(_ value: Double) throws -> Double {
    try allGather(withUnsafeBytes(of: value) { Array($0) }).reduce(0) { sum, bytes in
      sum + bytes.withUnsafeBytes { $0.loadUnaligned(as: Double.self) }
    }
  }
}
