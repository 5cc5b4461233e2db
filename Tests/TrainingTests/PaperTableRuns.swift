import Recipes
import Testing
import Training

extension TrainingTests {
  /// Every recipe of the paper's rows runs: two steps of it, on small images.
  @Suite struct PaperTableRuns {
    @Test(arguments: PaperTable.recipes.map(\.name)) func twoSteps(name: String) throws {
      var recipe = PaperTable.recipes.first { $0.name == name }!.recipe
      let small = Recipe.small()
      (recipe.model.choice, recipe.model.startFrom) = (small.model.choice, nil)
      recipe.data = small.data
      recipe.data.trainCount = 40
      recipe.data.validation = "0.25"
      recipe.augmentation.crop = 2
      (recipe.training.epochs, recipe.training.batchSize, recipe.training.shards) = (1, 16, 2)
      recipe.training.logEvery = 1
      recipe.attack.steps = min(recipe.attack.steps, 2)
      recipe.evaluation.attack.set("steps", "1")
      let trained = try train(recipe, ranks: 2)[0]
      #expect(trained.steps.count == 2 && trained.steps.allSatisfy { $0.loss > 0 && $0.loss.isFinite })
    }
  }
}
