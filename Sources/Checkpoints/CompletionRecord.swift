// The file DONE of a checkpoint: written last, it says which files belong to it and their SHA-256. `sha256sum -c DONE`
// reads it too (the first line is a comment to it):
//   # checkpoint of step 1200, 2 files
//   9f86d081...  model.safetensors
//   60303ae2...  state.json

import Failures
import Foundation

/// What a finished checkpoint says of itself.
struct CompletionRecord: Equatable {
  /// The name of the file in a checkpoint's directory.
  static let fileName = "DONE"

  var step: Int
  /// Files and their digests, in the order they were written.
  var digests: [(name: String, digest: String)]

  static func == (a: Self, b: Self) -> Bool {
    a.step == b.step && a.digests.elementsEqual(b.digests) { $0 == $1 }
  }

  init(step: Int, digests: [(name: String, digest: String)]) {
    self.step = step
    self.digests = digests
  }

  /// The text of the file.
  var text: String {
    "# checkpoint of step \(step), \(digests.count) files\n"
      + digests.map { "\($0.digest)  \($0.name)\n" }.joined()
  }

  /// Reads the text of the file; nil where anything about it is not as `text` would have it.
  init?(text: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard let first = lines.first, lines.last == "" else { return nil }
    let words = first.split(separator: " ")
    guard words.count == 7, let step = Int(words[4].dropLast()), let count = Int(words[5]) else { return nil }
    var digests: [(name: String, digest: String)] = []
    for line in lines.dropFirst().dropLast() {
      guard line.utf8.count > 66 else { return nil }
      digests.append((String(line.dropFirst(66)), String(line.prefix(64))))
    }
    self.init(step: step, digests: digests)
    guard digests.count == count, digests.allSatisfy({ Self.isPlain($0.name) }), self.text == text else { return nil }
  }

  /// Whether a name may be a file of a checkpoint: no way out of the directory, nothing that needs quoting.
  static func isPlain(_ name: String) -> Bool {
    !name.isEmpty && name.first != "." && name != fileName
      && name.utf8.allSatisfy { (byte: UInt8) in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
          true
        default: false
        }
      }
  }
}
