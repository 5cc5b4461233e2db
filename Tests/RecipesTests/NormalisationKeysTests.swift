import Recipes
import Testing

/// `model.mean` and `model.std`: a number each for red, green and blue.
@Suite struct NormalisationKeysTests {
  @Test func threeNumbersAsAListOrWithCommas() throws {
    let recipe = try changed("model.mean=[0.4914, 1/2, 0]", "model.std=0.25,1/4,2")
    #expect(recipe.model.mean == ["0.4914", "0.5", "0"] && recipe.model.deviation == ["0.25", "0.25", "2"])
    let yaml = RecipeDocument(name: "mine", heading: [], recipe: recipe).yaml()
    #expect(yaml.contains("\n  mean: [0.4914, 1/2, 0]") && yaml.contains("\n  std: [0.25, 1/4, 2]"))
    #expect(try RecipeDocument(name: "mine", yaml: yaml, file: "mine.yaml").recipe == recipe)
    #expect(try changed("model.mean=auto", "model.std=auto") == Recipe.syntheticSmall)
  }

  @Test(arguments: [
    "model.mean=0.5", "model.mean=[0.5, 0.5]", "model.mean=[0.5, 0.5, 0.5, 0.5]", "model.mean=[a, b, c]",
    "model.mean=[0.5, nan, 0.5]", "model.mean=[0.5, 0.5, 101]", "model.std=[1, 0, 1]", "model.std=[1, -1, 1]",
    "model.std=[1, 1, 1e-5]", "model.std=[1, 1, inf]",
  ])
  func outOfRange(assignment: String) {
    expectFailure("--set: \(assignment.prefix { $0 != "=" }) is ", "; allowed: auto, or three numbers in ") {
      _ = try changed(assignment)
    }
  }

  @Test func oneWithoutTheOther() {
    expectFailure("model.mean: model.mean and model.std are given together") {
      _ = try changed("model.mean=[0.5, 0.5, 0.5]")
    }
    expectFailure("model.std: model.mean and model.std are given together") {
      _ = try changed("model.std=[0.5, 0.5, 0.5]")
    }
  }
}
