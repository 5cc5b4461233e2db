// A classification data set: training and test images with everything that a run needs to know about them.

import Digests

/// Training and test images, the names of their classes and the constants of the normalisation.
package struct Dataset: Sendable {
  /// The name in the catalog.
  package let name: String
  /// One name for each class 0 ..< K.
  package let classNames: [String]
  package let train: LabeledImages
  package let test: LabeledImages
  /// What the network's first layer subtracts and divides by.
  package let statistics: ChannelStatistics
  /// The hexadecimal SHA-256 of class names, training and test images.
  package let digest: String
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
    self.statistics = statistics ?? ChannelStatistics(measuring: train)
    self.notes = notes + Self.classNotes(classNames, train: train, test: test)
    var sha = SHA256()
    sha.update("classes \(classNames.joined(separator: "\t"))\ntrain \(train.digest)\ntest \(test.digest)\n")
    digest = sha.hex()
  }

  /// K.
  package var classCount: Int { classNames.count }
  /// Of every image, in pixels.
  package var height: Int { train.height }
  package var width: Int { train.width }
  /// Of red, green, blue, in units of pixels in [0, 1].
  package var mean: [Float] { statistics.mean }
  package var standardDeviation: [Float] { statistics.standardDeviation }

  /// Takes the validation images out of the training set; both parts are indices into `train`.
  package func split(validation fraction: Double, rule: HoldOutRule = .atLeastOne) -> ValidationSplit {
    ValidationSplit(labels: train.labels, classes: classCount, fraction: fraction, rule: rule)
  }
}
