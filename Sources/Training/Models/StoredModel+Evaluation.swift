// A checkpoint's weights on any data: the recipe they are judged by, and what the user is told of model and data.

import Datasets
import Failures
import Networks
import Platform
import Recipes

extension StoredModel {
  /// The recipe of the checkpoint for images that come from elsewhere: it names no data.
  ///
  /// - Throws: `Failure(.badData)` for a file whose network is not known.
  package func recipeWithoutData() throws -> Recipe {
    var recipe = try storedRecipe()
    (recipe.data.name, recipe.data.path) = ("synthetic", nil)
    return recipe
  }

  /// The recipe of the checkpoint or of an exported file; of another program's file the default of every key but for the size of
  /// the network, and the data set that has its number of classes.
  private func storedRecipe() throws -> Recipe {
    if let header {
      var recipe = try header.readRecipe()
      recipe.model.classes = header.classNames.count
      return recipe
    }
    guard let outline else { throw Failure(.badData, "\(title) is no checkpoint: it has no state.json") }
    let own = try origin?.recipe(of: path)
    var recipe = own ?? Recipe()
    // Of several data sets in a folder.
    if own == nil { recipe.data.name = outline.classes == 100 ? "cifar100" : "cifar10" }
    (recipe.model.choice, recipe.model.classes) = (outline.choice, outline.classes)
    return recipe
  }

  /// The recipe of the checkpoint or of an exported file, on the data that lies in a folder, whatever it was trained on,
  /// where one is given. A file of another program has the default of every key but for the size of the network.
  ///
  /// - Throws: `Failure(.badData)` where there is no data in the folder, or in the one that the recipe names,
  ///   `Failure(.usage)` where nothing names one.
  package func evaluationRecipe(data directory: String?) throws -> Recipe {
    if header == nil, try origin?.recipe(of: path) == nil, directory == nil {
      throw Failure(.usage, "\(path) does not say what to judge it by: name the folder with the data by --data DIR")
    }
    var recipe = try storedRecipe()
    if let directory {
      recipe.data.name = try DatasetCatalog.recognize(directory, preferring: recipe.data.name)
      recipe.data.path = directory
    } else if let path = recipe.data.path {
      guard FileSystem.isDirectory(path) else {
        throw Failure(
          .badData,
          "no such directory: \(path), which is data.path of the \(header == nil ? "file" : "checkpoint")'s own recipe"
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
    let limit = (header.map { try? $0.readRecipe() } ?? origin.flatMap { try? $0.recipe(of: path) })?.data.limitTest
    // Whoever takes the first so many knows that they are not all.
    let absent = run.recipe.data.limitTest == limit ? comparison.absentClasses : nil
    let presumed =
      model.isPresumed
      ? model.normalisation.map {
        "\(path) does not say how pixels are normalised: taken are the constants of \(run.recipe.data.name), \($0); others are "
          + "given by --mean and --std"
      } : nil
    return [presumed].compactMap(\.self) + comparison.notes + [absent, testImages(run, limit)].compactMap { $0 }
  }

  /// The constants that a training on an evaluation's data would have; nil where neither published nor measurable.
  package func presumedNormalisation(_ run: Run) -> Normalisation? {
    guard header == nil, let request = try? run.recipe.dataRequest() else { return nil }
    return (try? DatasetCatalog.trainingStatistics(request)).map { Normalisation($0) }
  }

  /// A line where the test images are not those of the training, which had the first `limit`.
  private func testImages(_ run: Run, _ limit: Int?) -> String? {
    guard let digest = header?.testDigest ?? origin?.testDigest, var request = try? run.recipe.dataRequest(.test) else {
      return nil
    }
    // Another number of them is no other set.
    let isSame = request.limitTest == limit
    request.limitTest = limit
    let own = isSame ? run.dataset.testDigest : try? DatasetCatalog.load(request).testDigest
    guard let own, own != digest else { return nil }
    return "these are not the test images that the model was tested on in its training"
  }
}
