// Reads `environment.json`: where a run took place.

import Foundation

/// The circumstances of a run; nil where the file does not tell.
package struct EnvironmentEntry: Decodable, Equatable, Sendable {
  package let recipe: String?
  package let version: String?
  package let builtFor: String?, march: String?
  /// OpenBLAS's kernels, where they took part.
  package let blasCore: String?
  /// SHA-256 of the data set.
  package let dataDigest: String?
  package let ranks: Int?, threads: Int?
  package let hosts: [String]?
  package let processor: String?
  /// Date and time of the start, or of the last time that the run was taken up.
  package let started: String?
  package let command: [String]?

  /// Reads JSON.
  ///
  /// - Throws: `DecodingError` for a text that is none, or has values of other kinds.
  package init(json: String) throws { self = try JSONDecoder().decode(Self.self, from: Data(json.utf8)) }

  /// The hosts in the order of their first ranks, with the number of ranks on each.
  package var ranksByHost: [(host: String, ranks: Int)] {
    var result: [(host: String, ranks: Int)] = []
    var places: [String: Int] = [:]
    for host in hosts ?? [] {
      if let place = places[host] {
        result[place].ranks += 1
      } else {
        places[host] = result.count
        result.append((host, 1))
      }
    }
    return result
  }
}
