// What a run wants of its data: the `data` part of a recipe.

import Failures

/// Which data set, from where, how much of it.
package struct DatasetRequest: Sendable, Equatable {
  /// What of it is needed.
  package enum Part: Sendable {
    case trainingAndTest
    /// Files of the training part need not be there.
    case test
  }

  package var part = Part.trainingAndTest
  /// A name of the catalog.
  package var name: String
  /// The directory that holds it; the synthetic set needs none.
  package var path: String?
  /// Only the first so many training images, in file order; nil for all.
  package var limitTrain: Int?
  /// Only the first so many test images, in file order; nil for all.
  package var limitTest: Int?
  /// The part of each class that `Dataset.split` takes out of the training set, in [0, 1).
  package var validation: Double
  /// Height and width of the synthetic images.
  package var size: Int
  /// Number of synthetic training images.
  package var trainCount: Int
  /// Number of synthetic test images.
  package var testCount: Int
  /// How far apart the hues of look-alike synthetic shapes are, in turns.
  package var hueGap: Double
  /// What the synthetic images are made from.
  package var seed: UInt64
  /// The number of classes that the user asks for; nil for as many as there are. Classes below it may have no image.
  package var classes: Int?

  package init(
    name: String = "synthetic", path: String? = nil, limitTrain: Int? = nil, limitTest: Int? = nil,
    validation: Double = 0.02, size: Int = 32, trainCount: Int = 4096, testCount: Int = 1024, hueGap: Double = 0,
    seed: UInt64 = 0, classes: Int? = nil
  ) {
    self.name = name
    self.path = path
    self.limitTrain = limitTrain
    self.limitTest = limitTest
    self.validation = validation
    self.size = size
    self.trainCount = trainCount
    self.testCount = testCount
    self.hueGap = hueGap
    self.seed = seed
    self.classes = classes
  }

  /// Checks the numbers, which do not depend on the data.
  ///
  /// - Throws: `Failure` with `configuration`, naming the recipe's key.
  package func check() throws {
    for (key, limit) in [("limit-train", limitTrain), ("limit-test", limitTest)] {
      if let limit, limit < 1 {
        throw Failure(.configuration, "data.\(key) is \(limit): it must be at least 1, or left out for all images")
      }
    }
    guard validation >= 0 && validation < 1 else {
      throw Failure(.configuration, "data.validation is \(validation): it must be a fraction from 0 to below 1")
    }
    let counts = 1...DatasetExtent.mostImages
    guard counts.contains(trainCount) && counts.contains(testCount) else {
      throw Failure(
        .configuration,
        "a synthetic set of \(trainCount) training and \(testCount) test images: ask for at least 1 and at most "
          + "\(counts.upperBound) of each"
      )
    }
    guard ImageSize.isAllowed(size, size) else {
      throw Failure(.configuration, "data.size is \(size): it must be \(ImageSize.rule)")
    }
  }

  /// The directory, for those who need one.
  ///
  /// - Throws: `Failure` with `configuration` without one, `badData` where there is no such directory.
  func directory(hint: String) throws -> String {
    guard let path else {
      throw Failure(.configuration, "data.name is \(name), but data.path names no directory: \(hint)")
    }
    guard FileAccess.isDirectory(path) else {
      throw Failure(.badData, "no such directory: \(path), looked for the \(name) data there: \(hint)")
    }
    return path
  }
}

/// The images that the networks take: three halvings with whole numbers, and something left at the end.
package enum ImageSize {
  package static let rule = "a multiple of 8, from 16 on and at most 1024"

  package static func isAllowed(_ height: Int, _ width: Int) -> Bool {
    [height, width].allSatisfy { (16...1024).contains($0) && $0 % 8 == 0 }
  }
}
