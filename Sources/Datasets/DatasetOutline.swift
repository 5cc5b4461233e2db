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
    let isKnown = request.name == SyntheticSource.name || request.path == nil && request.name != NPYSource.name
    guard isKnown else {
      let dataset = try DatasetCatalog.load(request)
      self.init(
        dataset.height, dataset.width, dataset.classCount, dataset.split(validation: request.validation),
        test: dataset.test.count)
      return
    }
    let extent = try DatasetCatalog.extent(request)
    let labels = (0..<extent.train).map { Int32($0 % extent.classCount) }
    self.init(
      extent.height, extent.width, extent.classCount,
      ValidationSplit(labels: labels, classes: extent.classCount, fraction: request.validation), test: extent.test)
  }

  private init(_ height: Int, _ width: Int, _ classCount: Int, _ split: ValidationSplit, test: Int) {
    self.height = height
    self.width = width
    self.classCount = classCount
    train = split.train.count
    validation = split.validation.count
    self.test = test
  }
}
