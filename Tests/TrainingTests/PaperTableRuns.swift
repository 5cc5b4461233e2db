import Foundation
import Recipes
import Testing
import Training

extension TrainingTests {
  /// Every recipe of the paper's rows and of launch/recipes runs: two steps of it, of a small network on small images.
  @Suite struct PaperTableRuns {
    private static let library = RecipeLibrary(folders: [
      URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("launch/recipes").path
    ])

    @Test(arguments: library.names) func twoSteps(name: String) throws {
      var recipe = try Self.library.load(name).recipe
      let small = Recipe.small(network: recipe.model.name)
      (recipe.model.choice, recipe.model.startFrom) = (small.model.choice, nil)
      recipe.data = small.data
      recipe.data.trainCount = 40
      recipe.data.validation = "0.25"
      recipe.augmentation.set("crop", "2")
      (recipe.training.epochs, recipe.training.batchSize, recipe.training.shards) = (1, 16, 2)
      recipe.training.logEvery = 1
      recipe.attack.steps = min(recipe.attack.steps, 2)
      recipe.evaluation.attack.set("steps", "1")
      let trained = try train(recipe, ranks: 2)[0]
      #expect(trained.steps.count == 2 && trained.steps.allSatisfy { $0.loss > 0 && $0.loss.isFinite })
    }
  }
}
