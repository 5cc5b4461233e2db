import Datasets
import Testing

@Suite struct CIFARTests {
  let home: TemporaryDirectory

  init() throws { home = try TemporaryDirectory() }

  /// A record as the official page describes it: label bytes, then the red, green and blue plane, row by row.
  private func record(_ labels: [UInt8], _ pixel: (_ channel: Int, _ y: Int, _ x: Int) -> Int) -> [UInt8] {
    var bytes = labels
    for c in 0..<3 {
      for y in 0..<32 { for x in 0..<32 { bytes.append(UInt8(pixel(c, y, x) & 255)) } }
    }
    return bytes
  }

  private func plain(_ labels: UInt8...) -> [UInt8] { record(labels) { c, y, x in 100 * c + y + x } }

  /// Five training files of two records and a test file of one; labels 0 ... 9 and 7.
  private func writeCIFAR10(_ folder: String = "") throws {
    for i in 0..<5 {
      try home.write(plain(UInt8(2 * i)) + plain(UInt8(2 * i + 1)), "\(folder)data_batch_\(i + 1).bin")
    }
    try home.write(record([7]) { c, y, x in c * 80 + y * 2 + x * 3 }, "\(folder)test_batch.bin")
  }

  @Test func planesBecomePixels() throws {
    try writeCIFAR10()
    let data = try DatasetCatalog.load(DatasetRequest(name: "cifar10", path: home.path))
    #expect(data.train.count == 10 && data.test.count == 1)
    #expect((data.height, data.width, data.classCount) == (32, 32, 10))
    #expect(data.train.labels == Array(0..<10))
    #expect(data.test.labels == [7])
    for (y, x) in [(0, 0), (0, 31), (31, 0), (17, 5)] {
      for c in 0..<3 { #expect(Int(data.test.pixels[(y * 32 + x) * 3 + c]) == (c * 80 + y * 2 + x * 3) & 255) }
    }
    #expect(
      data.statistics?.mean == [0.4914, 0.4822, 0.4465]
        && data.statistics?.standardDeviation == [0.2471, 0.2435, 0.2616])
    #expect(data.classNames[0] == "airplane" && data.classNames[9] == "truck")
    // Six files with an unofficial number of records, no file of names, and classes that are not tested.
    #expect(data.notes.count == 8)
    #expect(data.notes[0].contains("data_batch_1.bin has 2 records, the official file 10000: was it cut short?"))
    #expect(data.notes[0].hasSuffix("launch/get-cifar 10 DIR"))
    #expect(data.notes[7].hasPrefix("9 of 10 classes have no test image (airplane, automobile, "))
  }

  @Test func namesComeFromTheFile() throws {
    try writeCIFAR10()
    try home.write((0..<10).map { "thing\($0)\r\n" }.joined() + "\n", "batches.meta.txt")
    let data = try DatasetCatalog.load(DatasetRequest(name: "cifar10", path: home.path))
    #expect(data.classNames == (0..<10).map { "thing\($0)" })
  }

  @Test func limitsStopReading() throws {
    try writeCIFAR10("cifar-10-batches-bin/")
    // Beyond the limit: never looked at.
    try home.write([1, 2, 3], "cifar-10-batches-bin/data_batch_3.bin")
    let request = DatasetRequest(name: "cifar10", path: home.path, limitTrain: 3, limitTest: 1)
    let data = try DatasetCatalog.load(request)
    #expect(data.train.labels == [0, 1, 2])
    #expect(data.notes.contains { $0.hasPrefix("7 of 10 classes have no training image (cat, deer, dog, frog") })
  }

  @Test func fineLabelsAreTheClasses() throws {
    try home.write(plain(19, 99) + plain(0, 4), "cifar-100-binary/train.bin")
    try home.write(plain(3, 42), "cifar-100-binary/test.bin")
    try home.write((0..<100).map { "name\($0)\n" }.joined(), "cifar-100-binary/fine_label_names.txt")
    #expect(try DatasetCatalog.recognize(home.path) == "cifar100")
    let data = try DatasetCatalog.load(DatasetRequest(name: "cifar100", path: home.path))
    #expect(data.train.labels == [99, 4] && data.test.labels == [42])
    #expect(data.classNames[42] == "name42")
    #expect(data.train.pixels[0..<6] == [0, 100, 200, 1, 101, 201])
    #expect(
      data.statistics?.mean == [0.5071, 0.4867, 0.4408]
        && data.statistics?.standardDeviation == [0.2675, 0.2565, 0.2761])
    #expect(data.notes[0].contains("train.bin has 2 records, the official file 50000: was it cut short?"))
  }

  @Test func recognition() throws {
    expectFailure(.badData, "no such directory: \(home.path)/none", "launch/get-cifar 10") {
      _ = try DatasetCatalog.recognize(home.path + "/none")
    }
    expectFailure(.badData, "no data set in \(home.path)", "train_images.npy", "launch/get-cifar 10 \(home.path)") {
      _ = try DatasetCatalog.recognize(home.path)
    }
    try home.write([1], "cifar-10-batches-py/data_batch_1")
    expectFailure(.badData, "version for Python", "launch/get-cifar") { _ = try DatasetCatalog.recognize(home.path) }
    try writeCIFAR10("cifar-10-batches-bin/")
    #expect(try DatasetCatalog.recognize(home.path) == "cifar10")
    #expect(try DatasetCatalog.recognize(home.path + "/cifar-10-batches-bin/") == "cifar10")
    try home.write([1], "train_images.npy")
    expectFailure(.badData, "several", "cifar10, npy", "data.name") { _ = try DatasetCatalog.recognize(home.path) }
  }

  @Test func badDirectories() throws {
    expectFailure(.configuration, "data.path") { _ = try DatasetCatalog.load(DatasetRequest(name: "cifar10")) }
    expectFailure(.badData, "no such directory: /nowhere", "launch/get-cifar 100 DIR") {
      _ = try DatasetCatalog.load(DatasetRequest(name: "cifar100", path: "/nowhere"))
    }
    expectFailure(.badData, "data_batch_1.bin", "cifar-10-batches-bin", "launch/get-cifar 10 DIR") {
      _ = try DatasetCatalog.load(DatasetRequest(name: "cifar10", path: home.path))
    }
    expectFailure(.configuration, "cifar11", "synthetic, cifar10, cifar100, npy") {
      _ = try DatasetCatalog.load(DatasetRequest(name: "cifar11"))
    }
  }

  @Test func badFiles() throws {
    func load() throws { _ = try DatasetCatalog.load(DatasetRequest(name: "cifar10", path: home.path)) }
    try writeCIFAR10()
    try home.write(plain(1) + [0], "data_batch_2.bin")
    expectFailure(.badData, "data_batch_2.bin has 3074 bytes", "3073 bytes") { try load() }
    try home.write([UInt8](), "data_batch_2.bin")
    expectFailure(.badData, "data_batch_2.bin has 0 bytes") { try load() }
    try home.write(plain(1) + plain(10), "data_batch_2.bin")
    expectFailure(.badData, "data_batch_2.bin: record 1 ", "label 10", "0 to 9") { try load() }
    try writeCIFAR10()
    try home.write(plain(1, 100), "cifar-100-binary/train.bin")
    try home.write(plain(1, 1), "cifar-100-binary/test.bin")
    expectFailure(.badData, "train.bin: record 0 ", "fine label 100") {
      _ = try DatasetCatalog.load(DatasetRequest(name: "cifar100", path: home.path))
    }
    try home.write(plain(20, 1), "cifar-100-binary/train.bin")
    expectFailure(.badData, "coarse label 20", "0 to 19") {
      _ = try DatasetCatalog.load(DatasetRequest(name: "cifar100", path: home.path))
    }
  }

  @Test func missingFile() throws {
    try home.write(plain(1), "data_batch_1.bin")
    try home.write(plain(1), "test_batch.bin")
    expectFailure(.badData, "no \(home.path)/data_batch_2.bin", "incomplete", "launch/get-cifar 10 DIR") {
      _ = try DatasetCatalog.load(DatasetRequest(name: "cifar10", path: home.path))
    }
  }
}
