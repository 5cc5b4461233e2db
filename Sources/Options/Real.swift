// A real number as a recipe writes it: a decimal, or a fraction such as 8/255, which no decimal writes exactly.

/// A finite real number that prints as it was written.
///
/// Two spellings of one number are equal: `4/8` and `0.5` train the same model.
package struct Real: Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
  /// The number in double precision; of a fraction, the rounded quotient.
  package let value: Double
  /// The number as written, without spaces.
  package let description: String

  /// The number in single precision: `Float(8.0 / 255.0)` for 8/255.
  package var float: Float { Float(value) }

  /// Reads `0.1`, `5e-4`, `8/255`; nil for anything else (no infinities, hexadecimals or zero denominators).
  package init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Self.trimmed($0) }
    let numbers = parts.compactMap(Self.decimal)
    guard numbers.count == parts.count, (1...2).contains(parts.count) else { return nil }
    let value = numbers.count == 2 ? numbers[0] / numbers[1] : numbers[0]
    guard value.isFinite else { return nil }
    self.value = value
    description = parts.joined(separator: "/")
  }

  /// The number itself, printed with the fewest digits that give it back.
  ///
  /// - Precondition: `value` is finite.
  package init(_ value: Double) {
    precondition(value.isFinite)
    self.value = value
    let text = "\(value)"
    description = text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  package init(stringLiteral text: String) {
    guard let real = Real(text) else { preconditionFailure("not a number: \(text)") }
    self = real
  }

  private static func trimmed(_ text: Substring) -> String {
    String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }

  private static func decimal(_ text: String) -> Double? {
    // Double's own reader takes "nan", "inf" and "0x1p3" too.
    guard text.contains(where: \.isNumber), text.allSatisfy({ "0123456789.eE+-".contains($0) }) else { return nil }
    return Double(text)
  }
}

extension Real: Equatable {
  package static func == (a: Real, b: Real) -> Bool { a.value == b.value }
}
