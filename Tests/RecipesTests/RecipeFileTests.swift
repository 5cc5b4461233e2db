import Foundation
import Recipes
import Testing

/// The repository's recipes: complete, current, and what they say they are.
@Suite struct RecipeFileTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("launch/recipes").path
  static let library = RecipeLibrary(folders: [folder])
  static let names = try! FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".yaml") }

  private func text(_ file: String) throws -> String {
    try String(contentsOfFile: "\(Self.folder)/\(file)", encoding: .utf8)
  }

  @Test(arguments: names) func printsAsItStands(file: String) throws {
    let document = try Self.library.load(file)
    #expect(
      document.yaml() == (try text(file)),
      "a key or its help changed: fairtat-dist list recipes NAME prints the file anew")
    #expect(document.origins.count == document.recipe.fields.count)
    #expect(!document.heading.isEmpty)
  }

  @Test(arguments: names) func readsBackAsItself(file: String) throws {
    let document = try Self.library.load(file)
    let again = try RecipeDocument(name: "again", yaml: document.yaml(), file: "again.yaml")
    #expect(again.recipe == document.recipe)
    #expect(again.heading == document.heading)
    #expect(again.recipe.differences(from: document.recipe).isEmpty)
  }

  @Test func theProgramCarriesSyntheticSmall() throws {
    let document = try Self.library.load("synthetic-small")
    #expect(document.recipe == RecipeLibrary.compiledIn.recipe)
    #expect(document.heading == RecipeLibrary.compiledIn.heading)
    let recipe = document.recipe
    #expect(
      recipe.model.title == "preactresnet18, width 16" && recipe.training.epochs == 8
        && recipe.training.batchSize == 128)
    #expect(
      recipe.data.hueGap == "0.08" && recipe.data.size == 16 && recipe.data.validation == "0.05"
        && recipe.augmentation.given == ["augmentation.crop": "2"])
    #expect(recipe.data.trainCount == 4096 && recipe.data.testCount == 1024 && recipe.data.name == "synthetic")
    #expect(try RecipeLibrary(folders: []).load("synthetic-small").recipe == recipe)
  }

  @Test func theSmallExperiment() throws {
    let fair = try Self.library.load("cifar10-small-fairtat").recipe
    let plain = try Self.library.load("cifar10-small-at.yaml").recipe
    for recipe in [fair, plain] {
      #expect(recipe.model.title == "preactresnet18, width 16" && recipe.training.epochs == 10)
      #expect(recipe.data.limitTrain == 10_000 && recipe.data.limitTest == 2_000 && recipe.data.validation == "0")
      #expect(!recipe.averaging.ema && !recipe.averaging.fawa)
      let rates = (0..<10).map { Float(recipe.training.learningRates.rate(epoch: $0, step: 0, of: 79)) }
      #expect(rates == [0.1, 0.1, 0.1, 0.1, 0.1, 0.01, 0.01, 0.01, 0.001, 0.001])
    }
    #expect(Set(fair.differences(from: plain)) == ["method.name", "fairness.margins"])
    #expect(fair.fairness.margins && fair.fairness.prior == "cfp" && fair.fairness.firstMarginsEpoch == 1)
  }

  @Test func thePaper() throws {
    let recipe = try Self.library.load("cifar10-preactresnet18-fairtat").recipe
    func rate(_ epoch: Int, _ step: Int) -> Double {
      recipe.training.learningRates.rate(epoch: epoch, step: step, of: 383)
    }
    #expect(rate(99, 382) == 0.1)
    #expect(Float(rate(100, 0)) == 0.01 && Float(rate(149, 382)) == 0.01)
    #expect(Float(rate(150, 0)) == 0.001)
    #expect(!recipe.averaging.start.isReached(epoch: 49, of: 200))
    #expect(recipe.averaging.start.isReached(epoch: 50, of: 200))
    let other = try Self.library.load("cifar100-preactresnet18-fairtat").recipe
    #expect(other.differences(from: recipe) == ["data.name"])
  }

  @Test func aMissingRecipeNamesTheNearest() {
    expectFailure("no recipe 'cifar10-smal-at'", "did you mean cifar10-small-at?") {
      _ = try Self.library.load("cifar10-smal-at")
    }
  }
}
