// The recipe of `train` without a recipe, so that the program works with no file beside it.

extension Recipe {
  /// `launch/recipes/synthetic-small.yaml`: minutes on two cores, and every part of FAIR-TAT in it.
  ///
  /// Pictures of half the size cost a quarter, so that there are epochs enough; look-alike shapes that differ a little in
  /// hue too are learnt in them, so that FAWA has something to take in. 20 validation images a class make its threshold
  /// mean something.
  package static let syntheticSmall: Recipe = {
    var recipe = Recipe()
    recipe.model.set("width", "16")
    recipe.data.size = 16
    recipe.data.hueGap = "0.08"
    recipe.data.validation = "0.05"
    recipe.augmentation.set("crop", "2")
    recipe.training.epochs = 8
    return recipe
  }()
}
