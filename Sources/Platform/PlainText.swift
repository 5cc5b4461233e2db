// Texts from outside (recipes, paths, class names) as they may reach a terminal: characters that would steer it, or turn the
// direction of writing, are shown by their number instead.

/// Makes texts harmless.
package enum PlainText {
  /// A length of time in whole seconds, such as `12 min 3 s`.
  package static func duration(_ seconds: Double) -> String {
    let s = Int(min(max(seconds.rounded(), 0), 1e9))
    if s < 60 { return "\(s) s" }
    return s < 3600 ? "\(s / 60) min \(s % 60) s" : "\(s / 3600) h \(s % 3600 / 60) min"
  }

  /// One line: what steers a terminal becomes `\u001b` and the like (as JSON and YAML write it), breaks of lines become
  /// blanks.
  package static func line(_ text: String) -> String {
    guard text.contains(where: \.isNewline) else { return escaped(text) }
    return escaped(text.split(whereSeparator: \.isNewline).joined(separator: " "))
  }

  /// The same for a text of several lines, which keeps its breaks.
  package static func lines(_ text: String) -> String { escaped(text) }

  private static func escaped(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isSteering) else { return text }
    var plain = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if isSteering(scalar) {
        let digits = String(scalar.value, radix: 16)
        plain.append(
          contentsOf: "\\u\(String(repeating: "0", count: max(0, 4 - digits.count)))\(digits)".unicodeScalars)
      } else {
        plain.append(scalar)
      }
    }
    return String(plain)
  }

  /// Controls of ASCII and Latin 1 but for tab and newline, separators of lines, marks and overrides of direction.
  private static func isSteering(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09, 0x0A: false
    case 0..<0x20, 0x7F..<0xA0: true
    case 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: true
    default: false
    }
  }
}
