// Where a model's file says that it comes from (the keys: ModelDescription.swift): what `evaluate` repeats a training's last
// test by, and what a reader of the file wants to know. All of it may be missing or made up.

import Failures
import Recipes

/// What a file says of the training of its weights.
package struct ModelOrigin: Codable, Equatable, Sendable {
  /// The recipe's name and YAML.
  var recipeName: String?
  var recipe: String?
  var dataName: String?
  var dataDigest: String?
  var testDigest: String?
  var weights: String?
  var step: Int?
  var epoch: Int?
  var source: String?
  /// As many as the model has classes.
  var classNames: [String]?

  init() {}

  /// Reads the metadata of a file.
  ///
  /// - Parameter classes: of the model; other numbers of names are not believed.
  init(_ metadata: [String: String], classes: Int) {
    (recipeName, recipe) = (metadata["recipe.name"], metadata["recipe"])
    (dataName, dataDigest, testDigest) = (metadata["data"], metadata["data.digest"], metadata["data.test"])
    (weights, source) = (metadata["weights"], metadata["source"])
    (step, epoch) = (metadata["step"].flatMap { Int($0) }, metadata["epoch"].flatMap { Int($0) })
    let names = metadata["classes"]?.split(separator: "\n").map(String.init)
    classNames = names?.count == classes ? names : nil
  }

  /// What a checkpoint knows.
  init(_ header: CheckpointHeader, weights: String) {
    (recipeName, recipe) = (header.recipeName, header.recipe)
    (dataName, dataDigest, testDigest) = (header.dataName, header.dataDigest, header.testDigest)
    (step, epoch) = (header.step, header.epoch)
    self.weights = weights
    classNames = header.classNames
  }

  /// The training's recipe; nil where the file has none.
  ///
  /// - Throws: `Failure(.badData)` for one that cannot be read.
  func recipe(of path: String) throws -> Recipe? {
    guard let recipe else { return nil }
    do {
      return try RecipeDocument(name: recipeName ?? "model", yaml: recipe, file: "the recipe in \(path)").recipe
    } catch let failure as Failure {
      throw Failure(.badData, failure.message)
    }
  }

  /// As metadata of a file.
  var metadata: [String: String] {
    let texts = [
      "recipe.name": recipeName, "recipe": recipe, "data": dataName, "data.digest": dataDigest, "data.test": testDigest,
      "weights": weights, "step": step.map { "\($0)" }, "epoch": epoch.map { "\($0)" }, "source": source,
    ]
    return texts.compactMapValues { $0 }
  }
}
