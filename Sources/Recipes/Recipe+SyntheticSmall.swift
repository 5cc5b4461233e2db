// The recipe of `train` without a recipe, so that the program works with no file beside it.

extension Recipe {
  /// `launch/recipes/synthetic-small.yaml`: minutes on two cores, and every part of FAIR-TAT in it.
  package static let syntheticSmall: Recipe = {
    var recipe = Recipe()
    recipe.model.width = 16
    recipe.training.epochs = 3
    return recipe
  }()
}
