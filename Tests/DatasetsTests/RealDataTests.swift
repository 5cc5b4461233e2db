import Datasets
import Foundation
import Testing

/// Where real data may lie: what FAIRTAT_DATA names, or `data` in the directory of the package.
private let home = ProcessInfo.processInfo.environment["FAIRTAT_DATA"] ?? "data"

private func isThere(_ directory: String) -> Bool { FileManager.default.fileExists(atPath: home + "/" + directory) }

@Suite struct RealDataTests {
  @Test(.enabled(if: isThere("cifar-10-batches-bin"), "no cifar-10-batches-bin in FAIRTAT_DATA or data"))
  func cifar10() throws {
    let data = try DatasetCatalog.load(DatasetRequest(name: "cifar10", path: home))
    #expect(data.train.count == 50_000 && data.test.count == 10_000)
    #expect(data.train.classCounts(classes: 10) == [Int](repeating: 5000, count: 10))
    #expect(data.test.classCounts(classes: 10) == [Int](repeating: 1000, count: 10))
    // The first training image is a frog, the first test image a cat.
    #expect(data.classNames[Int(data.train.labels[0])] == "frog" && data.train.pixels[0..<3] == [59, 62, 63])
    #expect(data.classNames[Int(data.test.labels[0])] == "cat" && data.test.pixels[0..<3] == [158, 112, 49])
    #expect(data.notes == [])
    // The published constants are what one measures (deviations over all pixels; .247 .2435 .2616).
    let published = try #require(data.statistics)
    let measured = ChannelStatistics(measuring: data.train)
    for c in 0..<3 {
      #expect(abs(measured.mean[c] - published.mean[c]) < 2e-4)
      #expect(abs(measured.standardDeviation[c] - published.standardDeviation[c]) < 2e-4)
    }
    let split = data.split(validation: 0.02)
    #expect(split.train.count == 49_000 && split.validation.count == 1000)
    let limited = try DatasetCatalog.load(DatasetRequest(name: "cifar10", path: home, limitTrain: 10_001))
    #expect(limited.train == data.train.prefix(10_001))
  }

  @Test(.enabled(if: isThere("cifar-100-binary"), "no cifar-100-binary in FAIRTAT_DATA or data"))
  func cifar100() throws {
    let data = try DatasetCatalog.load(DatasetRequest(name: "cifar100", path: home + "/cifar-100-binary"))
    #expect(data.test.classCounts(classes: 100) == [Int](repeating: 100, count: 100))
    #expect(data.classNames[0] == "apple" && data.classNames[99] == "worm")
    // The first test image is a mountain; the first training image cattle.
    #expect(data.classNames[Int(data.test.labels[0])] == "mountain")
    #expect(data.classNames[Int(data.train.labels[0])] == "cattle")
    #expect(data.train.count == 50_000 || data.notes.contains { $0.contains("the official file 50000") })
  }
}
