// HTML and SVG that cannot be broken by what is put into it: text is escaped where it enters, by the type.

import Foundation

/// A piece of well-formed XML, which HTML and SVG of this program are.
///
/// Written as a literal: an interpolated `String` becomes text, whatever it holds; only `Markup` goes in as it is.
///
///     let cell: Markup = "<td>\(name)</td>"
package struct Markup: ExpressibleByStringInterpolation, Equatable, Sendable {
  /// The markup as text.
  package private(set) var source: String

  package init(stringLiteral value: String) { source = value }

  package init(stringInterpolation: StringInterpolation) { source = stringInterpolation.source }

  /// A text without any markup.
  package init(text: String) { source = Self.escaped(text) }

  /// Collects literals as they are, and texts escaped.
  package struct StringInterpolation: StringInterpolationProtocol {
    var source = ""

    package init(literalCapacity: Int, interpolationCount: Int) { source.reserveCapacity(literalCapacity * 2) }

    package mutating func appendLiteral(_ literal: String) { source += literal }
    package mutating func appendInterpolation(_ text: String) { source += Markup.escaped(text) }
    package mutating func appendInterpolation(_ number: Int) { source += "\(number)" }
    package mutating func appendInterpolation(_ markup: Markup) { source += markup.source }
    package mutating func appendInterpolation(_ markup: [Markup]) {
      for piece in markup { source += piece.source }
    }
    /// A position in the units of a drawing, to a tenth.
    package mutating func appendInterpolation(at position: Double) { source += Markup.coordinate(position) }
  }

  package static func + (left: Markup, right: Markup) -> Markup {
    Markup(stringLiteral: left.source + right.source)
  }

  package static func += (left: inout Markup, right: Markup) { left.source += right.source }

  /// Text for elements and quoted attributes; characters that XML does not allow become U+FFFD.
  package static func escaped(_ text: String) -> String {
    var result = ""
    result.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\t", "\n", "\r": result.unicodeScalars.append(scalar)
      case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF: result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// A coordinate to a tenth, without a fraction where there is none.
  private static func coordinate(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e9 else { return "0" }
    let tenths = Int((value * 10).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths < 0 ? "-" : "")\(abs(tenths) / 10).\(abs(tenths) % 10)"
  }
}
