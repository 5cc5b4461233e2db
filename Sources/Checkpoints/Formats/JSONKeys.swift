// Keys that an object of a JSON text has twice. RFC 8259 calls what a reader makes of them unpredictable; Foundation's decoder
// takes one and drops the other without a word.

import Foundation

/// A look at the keys of a JSON text.
enum JSONKeys {
  /// The first key that stands twice in its object; nil where there is none.
  ///
  /// - Parameter json: UTF-8 that a decoder has taken.
  static func repeated(in json: [UInt8]) -> String? {
    /// The keys so far of every object that is open; arrays have none.
    var open: [Set<String>] = []
    var place = 0
    while place < json.count {
      switch json[place] {
      case UInt8(ascii: "{"), UInt8(ascii: "["): open.append([])
      case UInt8(ascii: "}"), UInt8(ascii: "]"): _ = open.popLast()
      case UInt8(ascii: "\""):
        let end = endOfString(json, from: place)
        // A string before a colon is a key.
        if !open.isEmpty, json[min(end + 1, json.count)...].first(where: { !isBlank($0) }) == UInt8(ascii: ":") {
          let key = text(json[place...min(end, json.count - 1)])
          guard open[open.count - 1].insert(key).inserted else { return key }
        }
        place = end
      default: break
      }
      place += 1
    }
    return nil
  }

  /// The place of the quotation mark that closes the one at `start`; the end of the text where none does.
  private static func endOfString(_ json: [UInt8], from start: Int) -> Int {
    var place = start + 1
    while place < json.count, json[place] != UInt8(ascii: "\"") { place += json[place] == UInt8(ascii: "\\") ? 2 : 1 }
    return min(place, json.count)
  }

  /// What a string in quotation marks says: `\u0061` is `a`.
  private static func text(_ quoted: ArraySlice<UInt8>) -> String {
    guard quoted.contains(UInt8(ascii: "\\")), let text = try? JSONDecoder().decode(String.self, from: Data(quoted))
    else { return String(decoding: quoted.dropFirst().dropLast(), as: UTF8.self) }
    return text
  }

  private static func isBlank(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0A, 0x0D].contains(byte) }
}
