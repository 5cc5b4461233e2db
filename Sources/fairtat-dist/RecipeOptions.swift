// The options that say which recipe is meant.

import ArgumentParser
import Recipes

/// A recipe, its data, and what is to be otherwise than it says.
struct RecipeOptions: ParsableArguments {
  @Option(help: "A recipe by name (list recipes) or path.")
  var recipe: String?

  @Option(help: ArgumentHelp("The folder with the data; what lies there is recognised.", valueName: "dir"))
  var data: String?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp("Give a key of the recipe another value, such as fairness.lambda=0.3.", valueName: "key=value"))
  var overrides: [String] = []

  /// The recipe with overrides in the order: `--set`, `--data`, then `short`.
  ///
  /// - Parameter short: keys that have an option of their own; nil where it was not given.
  func document(
    _ short: [(path: String, option: String, value: String?)] = []
  ) throws -> RecipeDocument {
    var document = try recipe.map(RecipeLibrary.standard.load) ?? RecipeLibrary.compiledIn
    for assignment in overrides { try document.set(assignment) }
    // A folder may be called "none"; a number of threads may be the word "auto".
    if let data { try document.set("data.path", .scalar(data, quoted: true), origin: "--data") }
    for case (let path, let option, let value?) in short {
      try document.set(path, .scalar(value, quoted: false), origin: option)
    }
    try document.check(against: Registries.recipes)
    return document
  }
}
