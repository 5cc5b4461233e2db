// JSON for files and terminals.

import Foundation

extension JSONEncoder {
  /// One key a line, in order.
  static func pretty() -> JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return encoder
  }

  /// The JSON of a value as text that ends with a newline.
  func text(_ value: some Encodable) throws -> String { String(decoding: try encode(value), as: UTF8.self) + "\n" }
}
