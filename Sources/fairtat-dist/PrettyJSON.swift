// JSON for files and terminals.

import Foundation

extension JSONEncoder {
  /// One key a line, in order.
  static func pretty() -> JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return encoder
  }
}
