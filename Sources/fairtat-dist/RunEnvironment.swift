// What `environment.json` keeps of where a run took place. None of it changes the result, but for the instruction set.

import CPlatform
import Communication
import Foundation

/// The circumstances of a run.
struct RunEnvironment: Codable {
  let version: String
  /// The name of the recipe.
  let recipe: String
  let builtFor: String, march: String
  let ranks: Int, threads: Int
  let hosts: [String]
  let processor: String
  let started: String
  let command: [String]

  /// Gathers the hosts of all ranks.
  init(_ communicator: any Communicator, threads: Int, recipe: String) throws {
    version = Version.number
    self.recipe = recipe
    builtFor = String(cString: platform_built_level())
    march = String(cString: platform_built_march())
    ranks = communicator.size
    self.threads = threads
    hosts = try communicator.allGather(Array(communicator.hostName.utf8)).map { String(decoding: $0, as: UTF8.self) }
    processor = RankFacts.processorName
    started = ISO8601DateFormatter().string(from: Date())
    command = CommandLine.arguments
  }

  /// Pretty JSON.
  func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(self)
  }
}
