// `fairtat-dist doctor`.

import ArgumentParser
import CPlatform
import Foundation
import Recipes
import Reports

/// The subcommand `doctor`.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Show what the program was built for and what it finds on this machine.")

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    try CommandOutcome.run { try Self.execute(DoctorOptions(printsJSON: json)) }
  }

  /// Prints the findings, one a row; each is a name, which is also its JSON key, and a value.
  static func execute(_ options: DoctorOptions) throws {
    guard Speaker.isThisProcess else { return }
    let findings = findings()
    if options.printsJSON {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      let object = Dictionary(uniqueKeysWithValues: findings)
      print(String(decoding: try encoder.encode(object), as: UTF8.self))
    } else {
      var table = TextTable(["what", "found"])
      for (name, value) in findings { table.add([name, value]) }
      print(table.text(colour: TextTable.colourIsWelcome), terminator: "")
    }
  }

  private static func findings() -> [(String, String)] {
    [
      ("version", Version.number),
      ("built-for", String(cString: platform_built_level())),
      ("built-march", String(cString: platform_built_march())),
      ("cores", "\(ProcessInfo.processInfo.activeProcessorCount)"),
      ("memory-gib", "\(ProcessInfo.processInfo.physicalMemory >> 30)"),
      ("recipes", RecipeLibrary.standard.names.joined(separator: ", ")),
    ]
  }
}
