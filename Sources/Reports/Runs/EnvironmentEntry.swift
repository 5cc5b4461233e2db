// Reads `environment.json`: where a run took place.

import Foundation

/// The circumstances of a run; nil where the file does not tell.
package struct EnvironmentEntry: Decodable, Equatable, Sendable {
  package let recipe: String?
  package let version: String?
  package let builtFor: String?, march: String?
  package let ranks: Int?, threads: Int?
  package let hosts: [String]?
  package let processor: String?
  /// Date and time of the start, or of the last time that the run was taken up.
  package let started: String?
  package let command: [String]?

  /// Reads JSON; nil for a text that is none.
  package init?(json: String) {
    guard let entry = try? JSONDecoder().decode(Self.self, from: Data(json.utf8)) else { return nil }
    self = entry
  }

  /// The hosts in the order of their first ranks, with the number of ranks on each.
  package var ranksByHost: [(host: String, ranks: Int)] {
    var result: [(host: String, ranks: Int)] = []
    for host in hosts ?? [] {
      if let index = result.firstIndex(where: { $0.host == host }) {
        result[index].ranks += 1
      } else {
        result.append((host, 1))
      }
    }
    return result
  }
}
