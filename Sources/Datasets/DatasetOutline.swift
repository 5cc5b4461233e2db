// How many images of which size a data set has, without making or reading them where that is known beforehand.

/// The extents of a data set.
package struct DatasetOutline: Sendable, Equatable {
  package let height: Int, width: Int
  package let classCount: Int
  /// Images that are trained on, those held out for validation, and the test set.
  package let train: Int, validation: Int, test: Int

  /// The extents of what a request asks for.
  ///
  /// The synthetic set's are those asked for, CIFAR's without a folder the official ones, with equal classes; everything
  /// else is read.
  ///
  /// - Throws: `Failure` as `DatasetCatalog.load` does.
  package init(_ request: DatasetRequest) throws {
    try request.check()
    let known: (size: Int, classes: Int, train: Int, test: Int)? =
      switch request.name {
      case SyntheticSource.name:
        (request.size, SyntheticShape.allCases.count, request.trainCount, request.testCount)
      case CIFAR10Source.name where request.path == nil: Self.official(CIFAR10Source.files)
      case CIFAR100Source.name where request.path == nil: Self.official(CIFAR100Source.files)
      default: nil
      }
    guard let known else {
      let dataset = try DatasetCatalog.load(request)
      self.init(
        dataset.height, dataset.width, dataset.classCount, dataset.split(validation: request.validation),
        test: dataset.test.count)
      return
    }
    let train = min(known.train, request.limitTrain ?? .max)
    let labels = (0..<train).map { Int32($0 % known.classes) }
    self.init(
      known.size, known.size, known.classes,
      ValidationSplit(labels: labels, classes: known.classes, fraction: request.validation),
      test: min(known.test, request.limitTest ?? .max))
  }

  private init(_ height: Int, _ width: Int, _ classCount: Int, _ split: ValidationSplit, test: Int) {
    self.height = height
    self.width = width
    self.classCount = classCount
    train = split.train.count
    validation = split.validation.count
    self.test = test
  }

  private static func official(_ files: CIFARFiles) -> (size: Int, classes: Int, train: Int, test: Int) {
    let count = { (list: [(name: String, records: Int)]) in list.reduce(0) { $0 + $1.records } }
    return (CIFARFiles.side, files.classes, count(files.train), count(files.test))
  }
}
