// A classification data set: training and test images with everything that a run needs to know about them.

import Digests

/// Training and test images, the names of their classes and the constants of the normalisation.
package struct Dataset: Sendable {
  /// The name in the catalog.
  package let name: String
  /// One name for each class 0 ..< K.
  package let classNames: [String]
  /// None where only the test part was asked for.
  package let train: LabeledImages
  package let test: LabeledImages
  /// What a model that is trained on this data subtracts from its pixels and divides them by; nil where only the test
  /// part was asked for and nothing is published.
  package let statistics: ChannelStatistics?
  /// The hexadecimal SHA-256 of class names, training and test images.
  package let digest: String
  /// The hexadecimal SHA-256 of the test images and their labels.
  package let testDigest: String
  /// Lines for the user: what is unusual, but no error.
  package let notes: [String]

  /// - Parameter statistics: the published constants; without them they are measured from `train`.
  package init(
    name: String, classNames: [String], train: LabeledImages, test: LabeledImages,
    statistics: ChannelStatistics? = nil, notes: [String] = []
  ) {
    self.name = name
    self.classNames = classNames
    self.train = train
    self.test = test
    self.statistics = statistics ?? (train.count > 0 ? ChannelStatistics(measuring: train) : nil)
    self.notes = notes + Self.classNotes(classNames, train: train, test: test)
    testDigest = test.digest
    var sha = SHA256()
    sha.update("classes \(classNames.joined(separator: "\t"))\ntrain \(train.digest)\ntest \(testDigest)\n")
    digest = sha.hex()
  }

  /// K.
  package var classCount: Int { classNames.count }
  /// Of every image, in pixels.
  package var height: Int { test.height }
  package var width: Int { test.width }

  /// How much of it there is.
  package var extent: DatasetExtent {
    DatasetExtent(height: height, width: width, classCount: classCount, train: train.count, test: test.count)
  }

  /// Takes the validation images out of the training set; both parts are indices into `train`.
  package func split(validation fraction: Double, rule: HoldOutRule = .atLeastOne) -> ValidationSplit {
    ValidationSplit(labels: train.labels, classes: classCount, fraction: fraction, rule: rule)
  }
}
