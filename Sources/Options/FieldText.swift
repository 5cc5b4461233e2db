// A value as it stands in a recipe or after `--set KEY=`, before its key gives it a meaning.

/// The text of one value.
package enum FieldText: Equatable, Sendable, CustomStringConvertible {
  /// A scalar; a quoted one is never a word such as `none` or `auto`.
  case scalar(String, quoted: Bool)
  case list([String])

  /// What follows `KEY=` on the command line: `[a, b]` is a list, all else a scalar.
  package init(argument: String) {
    if argument.hasPrefix("["), argument.hasSuffix("]") {
      self = .list(Self.items(of: argument.dropFirst().dropLast()))
    } else {
      self = .scalar(argument, quoted: false)
    }
  }

  /// As the user wrote it, or nearly so, for messages.
  package var description: String {
    switch self {
    case .scalar(let text, _): "'\(text)'"
    case .list(let items): "[\(items.joined(separator: ", "))]"
    }
  }

  /// The single value, if it is one.
  var scalar: String? {
    guard case .scalar(let text, _) = self else { return nil }
    return text
  }

  /// Whether this is an unquoted word.
  func isWord(_ word: String) -> Bool { self == .scalar(word, quoted: false) }

  /// The items: of a list, or of a scalar with commas.
  var items: [String] {
    switch self {
    case .list(let items): items
    case .scalar(let text, _): Self.items(of: Substring(text))
    }
  }

  private static func items(of text: Substring) -> [String] {
    text.split(separator: ",").map { String($0.filter { !$0.isWhitespace }) }
  }
}
