// Comma-separated values after RFC 4180, with line feeds as line ends.

/// Writes lines of comma-separated values.
package enum CSV {
  /// One line with its line feed; fields with commas, quotes or line ends are quoted.
  package static func line(_ fields: [String]) -> String {
    fields.map(field).joined(separator: ",") + "\n"
  }

  private static func field(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { ",\"\r\n".unicodeScalars.contains($0) }) else { return text }
    return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
  }
}
