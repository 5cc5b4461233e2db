import Datasets
import Testing

/// The test part alone: what an evaluation needs of a data set that it was not trained on.
@Suite struct TestPartTests {
  let home: TemporaryDirectory

  init() throws { home = try TemporaryDirectory() }

  private func request(_ name: String) -> DatasetRequest {
    var request = DatasetRequest(name: name, path: home.path)
    request.part = .test
    return request
  }

  /// Images of one byte each, red, green and blue alike.
  private func writeNPY(_ part: String, bytes: [UInt8], labels: [Int64]) throws {
    let pixels = bytes.flatMap { [UInt8](repeating: $0, count: 16 * 16 * 3) }
    try NPYWriter.write(pixels, shape: [bytes.count, 16, 16, 3], to: "\(home.path)/\(part)_images.npy")
    try NPYWriter.write(labels, shape: [labels.count], to: "\(home.path)/\(part)_labels.npy")
  }

  @Test func ofOwnData() throws {
    try writeNPY("test", bytes: [3, 200], labels: [0, 5])
    #expect(try DatasetCatalog.recognize(home.path) == "npy")
    let data = try DatasetCatalog.load(request("npy"))
    #expect(data.test.labels == [0, 5] && data.test.pixels.first == 3 && data.test.pixels.last == 200)
    #expect(data.train.count == 0 && (data.height, data.width, data.classCount) == (16, 16, 6))
    #expect(data.statistics == nil && data.notes.isEmpty)
    #expect(try DatasetCatalog.trainingStatistics(request("npy")) == nil)
    expectFailure(.badData, "no \(home.path)/train_images.npy") {
      _ = try DatasetCatalog.load(DatasetRequest(name: "npy", path: home.path))
    }
    // Of one class only.
    try writeNPY("test", bytes: [3, 200], labels: [0, 0])
    #expect(try DatasetCatalog.load(request("npy")).test.count == 2)
    // The digest is of the test images, whatever is trained on.
    try writeNPY("train", bytes: [0, 255, 255, 255], labels: [0, 1, 1, 1])
    let whole = try DatasetCatalog.load(DatasetRequest(name: "npy", path: home.path))
    #expect(try whole.testDigest == DatasetCatalog.load(request("npy")).testDigest)
    #expect(whole.digest != data.digest)
  }

  /// Bytes 0, 255, 255, 255: mean 3/4, variance 3/4 - 9/16 = 3/16. A limit takes the first.
  @Test func constantsWithoutTheImages() throws {
    try writeNPY("train", bytes: [0, 255, 255, 255], labels: [0, 1, 1, 1])
    let measured = try DatasetCatalog.trainingStatistics(request("npy"))
    #expect(measured?.mean == [0.75, 0.75, 0.75])
    #expect(measured?.standardDeviation == [Float](repeating: Float((3.0 / 16).squareRoot()), count: 3))
    var limited = request("npy")
    limited.limitTrain = 2
    #expect(try DatasetCatalog.trainingStatistics(limited)?.standardDeviation == [0.5, 0.5, 0.5])
    // More images than are read at once: those of the whole set.
    let many = (0..<2500).map { UInt8(truncatingIfNeeded: $0 * $0) }
    try writeNPY("train", bytes: many, labels: [Int64](repeating: 1, count: 2500))
    let mean = many.reduce(0) { $0 + Double($1) } / 2500
    let square = many.reduce(0) { $0 + Double($1) * Double($1) } / 2500
    let all = try #require(try DatasetCatalog.trainingStatistics(request("npy")))
    #expect(abs(Double(all.mean[1]) - mean / 255) < 1e-7)
    #expect(abs(Double(all.standardDeviation[2]) - (square - mean * mean).squareRoot() / 255) < 1e-7)
  }

  @Test func ofCIFAR() throws {
    let record = [7] + (0..<3072).map { UInt8(truncatingIfNeeded: $0 / 1024 * 80) }
    try home.write(record, "cifar-10-batches-bin/test_batch.bin")
    #expect(try DatasetCatalog.recognize(home.path) == "cifar10")
    let data = try DatasetCatalog.load(request("cifar10"))
    #expect(data.test.labels == [7] && Array(data.test.pixels.prefix(3)) == [0, 80, 160])
    #expect(data.train.count == 0 && data.height == 32)
    #expect(data.statistics?.mean == [0.4914, 0.4822, 0.4465])
    #expect(DatasetCatalog.published("cifar100")?.standardDeviation == [0.2675, 0.2565, 0.2761])
    #expect(DatasetCatalog.published("npy") == nil && DatasetCatalog.published("synthetic") == nil)
  }

  /// Of several sets in one folder the one that is meant.
  @Test func theOneThatIsPreferred() throws {
    try writeNPY("test", bytes: [3, 200], labels: [0, 1])
    try home.write([UInt8](repeating: 0, count: 3073), "test_batch.bin")
    #expect(try DatasetCatalog.recognize(home.path, preferring: "npy") == "npy")
    #expect(try DatasetCatalog.recognize(home.path, preferring: "cifar10") == "cifar10")
    for preferred in [nil, "synthetic", "cifar100"] {
      expectFailure(.badData, "several", "cifar10, npy") {
        _ = try DatasetCatalog.recognize(home.path, preferring: preferred)
      }
    }
  }

  @Test func ofTheSyntheticSet() throws {
    var request = DatasetRequest(size: 16, trainCount: 30, testCount: 10, seed: 5)
    let whole = try DatasetCatalog.load(request)
    request.part = .test
    let part = try DatasetCatalog.load(request)
    #expect(part.test == whole.test && part.train.count == 0 && part.testDigest == whole.testDigest)
    #expect(try DatasetCatalog.trainingStatistics(request) == whole.statistics)
  }
}
