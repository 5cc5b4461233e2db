// CIFAR-100, binary version: a coarse and a fine label byte; the fine ones are the classes.

/// 50,000 + 10,000 images of 32x32 in 100 classes.
package enum CIFAR100Source: DatasetSource {
  package static let name = "cifar100"
  package static let summary = "CIFAR-100, binary version: 50,000 + 10,000 images of 32x32, 100 (fine) classes"

  /// The constants that the field's references use.
  package static let publishedStatistics: ChannelStatistics? = ChannelStatistics(
    mean: [0.5071, 0.4867, 0.4408], standardDeviation: [0.2675, 0.2565, 0.2761])

  static let files = CIFARFiles(
    title: "CIFAR-100", number: 100, directory: "cifar-100-binary",
    train: [("train.bin", 50_000)], test: [("test.bin", 10_000)],
    labels: [("coarse label", 20), ("fine label", 100)], namesFile: "fine_label_names.txt",
    fallbackNames: (0..<100).map { "class \($0)" })

  package static func recognizes(_ directory: String) -> Bool { files.locate(in: directory) != nil }

  package static func extent(_ request: DatasetRequest) throws -> DatasetExtent { try files.extent(request) }

  package static func load(_ request: DatasetRequest) throws -> Dataset {
    try files.load(request, statistics: publishedStatistics)
  }
}
