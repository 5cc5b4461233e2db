// JSON for files and terminals.

import Checkpoints
import Foundation

extension JSONEncoder {
  /// Keys in order.
  static func pretty() -> JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return encoder
  }

  /// The JSON of a value as lines that people can read; the last one ends with a newline.
  func text(_ value: some Encodable) throws -> String {
    String(decoding: JSONLayout.lines(try encode(value)), as: UTF8.self) + "\n"
  }
}
