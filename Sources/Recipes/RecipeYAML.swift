// The text of a recipe as a tree of YAML, of a size and depth that whoever walks it can bear.
//
// Recipes are small and flat. What YAML allows beyond that (a kilobyte of aliases that stands for gigabytes, a thousand
// lists in each other) is refused before the library sees it: it composes aliases by value and descends by recursion.

import Failures
import Yams

/// Reads YAML with limits.
package enum RecipeYAML {
  /// Bytes of a recipe; a complete one with its comments has some 6,000.
  private static let longest = 1 << 20
  /// Lists and sections in each other, and spaces before a key.
  private static let deepest = 100

  /// The root of a text; nil for one without content.
  ///
  /// - Parameter file: what messages call the text.
  /// - Throws: `Failure(.configuration)` with the line, for what is not YAML or more than a recipe can be.
  package static func node(of text: String, file: String) throws(Failure) -> Node? {
    if text.utf8.count > longest {
      throw Failure(.configuration, "\(file): \(text.utf8.count) bytes are more than a recipe has (\(longest))")
    }
    if let (line, what) = excess(in: text) { throw Failure(.configuration, "\(file):\(line): \(what)") }
    do {
      return try Yams.compose(yaml: text)
    } catch {
      throw Failure(.configuration, message(of: error, file: file))
    }
  }

  /// The first line that nests too deeply, or holds an alias where there are anchors too; errs on the side of refusing.
  private static func excess(in text: String) -> (line: Int, what: String)? {
    var open = 0
    var anchor: Int?
    var alias: Int?
    var number = 0
    for line in text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      number += 1
      let content = line.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
      guard let first = content.first, first != UInt8(ascii: "#") else { continue }
      var marks = line.count - content.count
      var before = UInt8(ascii: " ")
      for (byte, after) in zip(content, content.dropFirst() + [UInt8(ascii: " ")]) {
        let isName = " \t[{,:-?".utf8.contains(before) && !" \t\r".utf8.contains(after)
        switch byte {
        case UInt8(ascii: "["), UInt8(ascii: "{"): open += 1
        case UInt8(ascii: "]"), UInt8(ascii: "}"): open = max(0, open - 1)
        case UInt8(ascii: "&") where isName: anchor = anchor ?? number
        case UInt8(ascii: "*") where isName: alias = alias ?? number
        case UInt8(ascii: " ") where "-?:".utf8.contains(before): marks += 1
        default: break
        }
        if open + marks > deepest { return (number, "nested too deeply for a recipe") }
        before = byte
      }
      if anchor != nil, let alias { return (alias, "recipes have no aliases (*name): write the value out") }
    }
    return nil
  }

  private static func message(of error: any Error, file: String) -> String {
    switch error as? YamlError {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      "\(file):\(mark.line): not YAML: \(problem)"
    case .duplicatedKeysInMapping(let keys, let context):
      "\(file):\(context.mark.line): given twice in one section: \(keys.joined(separator: ", "))"
    default:
      "\(file): not YAML: \(String(describing: error).split(whereSeparator: \.isNewline).joined(separator: " "))"
    }
  }
}
