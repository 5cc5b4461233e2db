// Lines with texts from outside in them (names of tensors, keys, paths) that may be of any length: what is too long loses its middle.

/// Shortens lines.
package enum ShortLine {
  /// What is shown of a word, and of a line, at most; the ends that are kept of a longer one.
  private static let word = (limit: 500, start: 300, end: 150)
  private static let line = (limit: 4_000, start: 3_000, end: 900)

  /// The line as it may be shown: of a word (up to the next blank) of more than 500 characters the middle is left out, and of a
  /// line of more than 4,000 as well.
  package static func of(_ text: String) -> String {
    if text.utf8.count <= word.limit { return text }
    let words = text.unicodeScalars.split(separator: " ", omittingEmptySubsequences: false)
    let short = String.UnicodeScalarView(words.map { withoutMiddle($0, word) }.joined(separator: [" "]))
    return String(withoutMiddle(short[...], line))
  }

  private static func withoutMiddle(
    _ text: Substring.UnicodeScalarView, _ size: (limit: Int, start: Int, end: Int)
  ) -> String.UnicodeScalarView {
    let count = text.count
    guard count > size.limit else { return String.UnicodeScalarView(text) }
    var short = String.UnicodeScalarView(text.prefix(size.start))
    short.append(contentsOf: "…(\(count - size.start - size.end) characters)…".unicodeScalars)
    short.append(contentsOf: text.suffix(size.end))
    return short
  }
}
