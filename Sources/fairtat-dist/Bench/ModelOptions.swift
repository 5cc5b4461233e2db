// Which network a benchmark is of.

import ArgumentParser
import Networks
import Options
import Recipes
import Resources

/// Options that name a network and its size.
struct ModelOptions: ParsableArguments {
  @Option(help: "The network (list models).")
  var model = Recipe().model.name

  @Option(help: "Channels of its first stage, the key model.width; its standard if not given.")
  var width: Int?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp("Another key of the network; may be repeated.", valueName: "model.KEY=VALUE"))
  var keys: [String] = []

  func validate() throws {
    try ValueCheck.whole([("--width", width, Limits.width)])
    if let other = keys.first(where: { !$0.hasPrefix("model.") }) {
      throw ValidationError("--set \(other): a benchmark takes keys of the network alone, such as model.width=16.")
    }
  }

  /// Chooses the network in a recipe.
  ///
  /// - Throws: `Failure(.configuration)` for a network that does not exist, and keys that it does not have.
  func choose(in document: inout RecipeDocument) throws {
    try document.set("model.name", .scalar(model, quoted: true), origin: "--model")
    if let width { try document.set("model.width", FieldText(argument: "\(width)"), origin: "--width") }
    for key in keys { try document.set(key) }
  }

  /// The network of a benchmark that has no recipe beside it.
  func recipe() throws -> Recipe.Model {
    var document = RecipeDocument(name: "bench", heading: [], recipe: Recipe())
    try choose(in: &document)
    try document.check(against: Registries.recipes)
    return document.recipe.model
  }

  /// What makes a network smaller, for a refusal.
  func sizes(of model: Recipe.Model) -> String { width.map { "--width (\($0))" } ?? model.sizes }
}

extension Recipe.Model {
  /// The network for ten classes of images of 32x32, without memory.
  var described: any Network { choice.network(NetworkConfiguration(), .describing()) }
}
