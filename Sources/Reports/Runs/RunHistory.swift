// Reads `lives.jsonl` for what the recipe at the end does not tell: where a run went back to an earlier step, or on from its
// last one, with other keys.

import Foundation

/// The changes of recipe within a run that its weights have seen.
package struct RunHistory: Equatable, Sendable {
  /// One a change: the step, and each key before and after.
  package let changes: [String]

  private struct Line: Decodable {
    struct Position: Decodable {
      let step: Int
    }
    struct Change: Decodable {
      let path: String, before: String, after: String
    }

    let event: String
    let position: Position
    let changes: [Change]?
  }

  /// Lines that cannot be read are passed over.
  init(lives: String) {
    var changes: [(step: Int, text: String)] = []
    for text in lives.utf8.split(separator: UInt8(ascii: "\n")) {
      guard let line = try? JSONDecoder().decode(Line.self, from: Data(text)), line.event == "rewound" else { continue }
      // What was changed later is undone.
      changes.removeAll { $0.step > line.position.step }
      let keys = (line.changes ?? []).map { "\($0.path) \($0.before) -> \($0.after)" }
      // From the beginning on it is a run of the new recipe.
      if line.position.step > 0, !keys.isEmpty {
        changes.append((line.position.step, "step \(line.position.step): \(keys.joined(separator: ", "))"))
      }
    }
    self.changes = changes.map(\.text)
  }
}
