// Cuts a log back to the step of the checkpoint that a run resumes from, so that the log as a whole reads as if the run
// had never been killed. What is cut is kept beside it.

import Failures
import Foundation
import Platform

extension LineLog {
  /// What a cut has done.
  package struct Cut: Equatable, Sendable {
    /// Lines still in the log.
    package var kept = 0
    /// Lines moved (one that a kill cut off counts).
    package var moved = 0
    /// Where they are now: `NAME.cut-1`, `-2`, ...; nil where nothing was moved.
    package var aside: String?

    package init(kept: Int = 0, moved: Int = 0, aside: String? = nil) {
      self.kept = kept
      self.moved = moved
      self.aside = aside
    }
  }

  /// Moves the lines that `keep` refuses, and a last line without newline, to a file beside the log. The log must not
  /// be open for appending. A log that is missing or is kept as a whole is not touched.
  /// - Throws: `Failure(.inputOutput)`; no line is lost then, though some may be in both files.
  package static func cut(_ path: String, keep: (String) -> Bool) throws -> Cut {
    var cut = Cut()
    guard FileSystem.status(of: path) != nil else { return cut }
    var kept: [UInt8] = []
    var moved: [UInt8] = []
    var rest = try FileReader(path).bytes()[...]
    while !rest.isEmpty {
      let newline = rest.firstIndex(of: UInt8(ascii: "\n"))
      let line = rest[..<(newline ?? rest.endIndex)]
      rest = newline.map { rest[($0 + 1)...] } ?? []
      if newline != nil && keep(String(decoding: line, as: UTF8.self)) {
        kept += line + [UInt8(ascii: "\n")]
        cut.kept += 1
      } else {
        moved += line + [UInt8(ascii: "\n")]
        cut.moved += 1
      }
    }
    if cut.moved == 0 { return cut }

    var number = 1
    while FileSystem.status(of: "\(path).cut-\(number)") != nil { number += 1 }
    let aside = "\(path).cut-\(number)"
    // Kept aside before they leave the log.
    try AtomicFile.write(moved, to: aside)
    try AtomicFile.write(kept, to: path)
    cut.aside = aside
    return cut
  }

  /// Cuts a log of JSON objects back to those with `"step"` at most `step`. One without a step goes where the one
  /// before it went; a line that is no JSON object is moved.
  /// - Parameter kind: objects of this `"kind"` go at `step` itself too.
  /// - Throws: `Failure(.inputOutput)`.
  package static func cutJSON(_ path: String, after step: Int, andAt kind: String? = nil) throws -> Cut {
    var keeping = true
    return try cut(path) { line in
      guard let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] else {
        return false
      }
      if let at = object["step"] as? Int {
        keeping = at < step || at == step && (kind == nil || object["kind"] as? String != kind)
      }
      return keeping
    }
  }
}
