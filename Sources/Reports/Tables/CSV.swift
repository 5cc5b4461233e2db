// Comma-separated values after RFC 4180, with line feeds as line ends.

/// Writes and reads lines of comma-separated values.
package enum CSV {
  /// One line with its line feed; fields with commas, quotes or line ends are quoted.
  package static func line(_ fields: [String]) -> String {
    fields.map(field).joined(separator: ",") + "\n"
  }

  /// A value in full precision; empty where it is not known.
  static func text(_ value: (some CustomStringConvertible)?) -> String { value.map { "\($0)" } ?? "" }

  private static func field(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { ",\"\r\n".unicodeScalars.contains($0) }) else { return text }
    return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
  }

  /// The fields of one line that `line` wrote; fields that hold line ends are not read.
  package static func fields(_ line: String) -> [String] {
    var fields = [""]
    var isQuoted = false
    var wasQuote = false
    for character in line {
      // Two quotes within quotes are one.
      if character == "\"" {
        if !isQuoted && wasQuote { fields[fields.count - 1].append("\"") }
        isQuoted.toggle()
        wasQuote = !isQuoted
        continue
      }
      wasQuote = false
      if character == "," && !isQuoted {
        fields.append("")
      } else {
        fields[fields.count - 1].append(character)
      }
    }
    return fields
  }
}
