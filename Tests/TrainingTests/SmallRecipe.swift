// Recipes of runs that take a fraction of a second.

import Foundation
import Options
import Recipes

extension Recipe {
  /// 62 training and 10 validation images of 16x16 in batches of 24, 24 and 14 (shards of 3, the last of 2), two
  /// epochs with everything switched on.
  static func small(_ change: (inout Recipe) -> Void = { _ in }) -> Recipe {
    var recipe = Recipe()
    recipe.model.set("width", "8")
    recipe.data.size = 16
    recipe.data.trainCount = 72
    recipe.data.testCount = 7
    recipe.data.validation = "0.15"
    recipe.augmentation.set("crop", "2")
    recipe.training.epochs = 2
    recipe.training.batchSize = 24
    recipe.training.shards = 8
    recipe.training.logEvery = 1
    recipe.attack.steps = 2
    recipe.averaging.start = .epoch(0)
    recipe.averaging.fawaThreshold = "0"
    recipe.evaluation.attack.set("steps", "2")
    change(&recipe)
    return recipe
  }

  /// The same with a method, whose class weights come after the first epoch.
  static func small(method: String, _ change: (inout Recipe) -> Void = { _ in }) -> Recipe {
    small {
      let small = $0
      $0.choose(method: method)
      ($0.training.epochs, $0.data.validation) = (small.training.epochs, small.data.validation)
      $0.attack.steps = 3
      $0.evaluation.attack.set("steps", "1")
      if method == "dafa" { $0.method.given["method.warm-up"] = "1" }
      change(&$0)
    }
  }

  /// The same with another network, as small as it can usefully be.
  static func small(network: String, method: String = "at", _ change: (inout Recipe) -> Void = { _ in }) -> Recipe {
    small(method: method) {
      $0.model.choice = Choice(network)
      for (key, value) in [
        ("width", "8"), ("blocks", "1"), ("widen-factor", "1"), ("dim", "16"), ("depth", "1"), ("heads", "2"),
        ("drop-path", "0.3"),
      ] {
        if $0.fields.contains(where: { $0.path == "model.\(key)" }) { $0.model.set(key, value) }
      }
      change(&$0)
    }
  }

  /// As a command has it that was given no file.
  var document: RecipeDocument { RecipeDocument(name: "small", heading: ["A test."], recipe: self) }
}
