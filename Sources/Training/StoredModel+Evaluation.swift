// A checkpoint's weights on any data: the recipe they are judged by, and what the user is told of model and data.

import Datasets
import Failures
import Platform
import Recipes

extension StoredModel {
  /// The recipe of the checkpoint for images that come from elsewhere: it names no data.
  ///
  /// - Throws: `Failure(.badData)` for a file that is no checkpoint.
  package func recipeWithoutData() throws -> Recipe {
    guard let header else { throw Failure(.badData, "\(title) is no checkpoint: it has no state.json") }
    var recipe = try header.readRecipe()
    recipe.model.classes = header.classNames.count
    (recipe.data.name, recipe.data.path) = ("synthetic", nil)
    return recipe
  }

  /// The recipe of the checkpoint, on the data that lies in a folder, whatever it was trained on, where one is given.
  ///
  /// - Throws: `Failure(.badData)` where there is no data in the folder, or in the one that the recipe names.
  package func evaluationRecipe(data directory: String?) throws -> Recipe {
    guard let header else { throw Failure(.badData, "\(title) is no checkpoint: it has no state.json") }
    var recipe = try header.readRecipe()
    recipe.model.classes = header.classNames.count
    if let directory {
      recipe.data.name = try DatasetCatalog.recognize(directory, preferring: recipe.data.name)
      recipe.data.path = directory
    } else if let path = recipe.data.path {
      guard FileSystem.isDirectory(path) else {
        throw Failure(
          .badData,
          "no such directory: \(path), which is data.path of the checkpoint's own recipe"
            + (Path.isAbsolute(path) ? "" : ", seen from where the training was started")
            + ": name the folder with the data here by --data DIR")
      }
    }
    return recipe
  }

  /// What the data of an evaluation is to the model, one line for each thing that is not as in its training.
  ///
  /// Looks at training images too, where they are there.
  package func comparison(_ model: ModelDescription, _ run: Run) -> [String] {
    let statistics = (try? run.recipe.dataRequest()).flatMap { try? DatasetCatalog.trainingStatistics($0) }
    let comparison = ModelComparison(model: model, data: run.dataset, statistics: statistics)
    let limit = header.flatMap { try? $0.readRecipe() }?.data.limitTest
    // Whoever takes the first so many knows that they are not all.
    let absent = run.recipe.data.limitTest == limit ? comparison.absentClasses : nil
    return comparison.notes + [absent, testImages(run, limit)].compactMap { $0 }
  }

  /// A line where the test images are not those of the training, which had the first `limit`.
  private func testImages(_ run: Run, _ limit: Int?) -> String? {
    guard let digest = header?.testDigest, var request = try? run.recipe.dataRequest(.test) else { return nil }
    // Another number of them is no other set.
    let isSame = request.limitTest == limit
    request.limitTest = limit
    let own = isSame ? run.dataset.testDigest : try? DatasetCatalog.load(request).testDigest
    guard let own, own != digest else { return nil }
    return "these are not the test images that the model was tested on in its training"
  }
}
