// CIFAR-10, binary version: one label byte, five training files and one test file of 10,000 records each.

/// 50,000 + 10,000 images of 32x32 in 10 classes.
package enum CIFAR10Source: DatasetSource {
  package static let name = "cifar10"
  package static let summary = "CIFAR-10, binary version: 50,000 + 10,000 images of 32x32, 10 classes"

  /// The constants that the field's references use.
  package static let publishedStatistics: ChannelStatistics? = ChannelStatistics(
    mean: [0.4914, 0.4822, 0.4465], standardDeviation: [0.2471, 0.2435, 0.2616])

  static let files = CIFARFiles(
    title: "CIFAR-10", number: 10, directory: "cifar-10-batches-bin",
    train: (1...5).map { ("data_batch_\($0).bin", 10_000) }, test: [("test_batch.bin", 10_000)],
    labels: [("label", 10)], namesFile: "batches.meta.txt",
    fallbackNames: [
      "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
    ])

  package static func recognizes(_ directory: String) -> Bool { files.locate(in: directory) != nil }

  package static func extent(_ request: DatasetRequest) throws -> DatasetExtent { try files.extent(request) }

  package static func load(_ request: DatasetRequest) throws -> Dataset {
    try files.load(request, statistics: publishedStatistics)
  }
}
