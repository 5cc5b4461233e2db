// `fairtat-dist list`: what the program knows by name.

import ArgumentParser
import Communication
import Platform
import Recipes
import Reports

/// The subcommand `list`.
struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract:
      "Show the models, methods, data sets, recipes, attacks, priors, corruptions and rows of the table there are.",
    discussion: "`fairtat-dist list recipes NAME` prints a recipe complete, with a comment on every key.")

  /// A kind of name.
  enum Kind: String, CaseIterable, ExpressibleByArgument {
    case models, methods, data, recipes, attacks, priors, corruptions, rows
  }

  @Argument(help: "What to list; all of it if not given.")
  var kind: Kind?

  @Argument(help: ArgumentHelp("A recipe to print, by name or path.", valueName: "recipe"))
  var name: String?

  func validate() throws {
    if name != nil && kind != .recipes { throw ValidationError("Only recipes are printed by name: list recipes NAME.") }
  }

  func run() throws {
    try CommandOutcome.run {
      guard Launch.ofThisProcess.speaks else { return }
      if let name {
        let document = try RecipeLibrary.standard.load(name)
        try document.check(against: Registries.recipes)
        try StandardStream.output.write(PlainText.lines(document.yaml()))
      } else if let kind {
        try StandardStream.output.write(Self.table(of: kind))
      } else {
        let tables = try Kind.allCases.map { "\($0)\n\n\(try Self.table(of: $0))" }
        try StandardStream.output.write(tables.joined(separator: "\n"))
      }
    }
  }

  private static func table(of kind: Kind) throws -> String {
    if kind == .rows {
      var table = TextTable(["name", "part", "starts from", "what it is"])
      for row in PaperTable.rows { table.add([row.name, row.part.rawValue, row.start ?? "-", row.what]) }
      return table.text(colour: TextTable.colourIsWelcome)
    }
    var table = TextTable(["name", "what it is"])
    for entry in try entries(of: kind) { table.add([entry.name, entry.summary]) }
    return table.text(colour: TextTable.colourIsWelcome)
  }

  private static func entries(of kind: Kind) throws -> [RegistryEntry] {
    switch kind {
    case .models: Registries.models
    case .methods: Registries.methods
    case .data: Registries.data
    case .attacks: Registries.attacks
    case .priors: Registries.priors
    case .corruptions: Registries.corruptions
    case .rows: PaperTable.rows.map { RegistryEntry($0.name, $0.what) }
    case .recipes:
      // One that cannot be read does not hide the others.
      RecipeLibrary.standard.names.map { name in
        do {
          return RegistryEntry(name, try RecipeLibrary.standard.load(name).heading.first ?? "")
        } catch {
          return RegistryEntry(name, "cannot be used: \(error)")
        }
      }
    }
  }
}
