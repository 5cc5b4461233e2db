import Datasets
import Foundation
import Testing

@Suite struct NPYTests {
  let home: TemporaryDirectory

  init() throws { home = try TemporaryDirectory() }

  /// A file as numpy.lib.format describes it: magic, version, length, dictionary, data.
  private func file(_ dictionary: String, _ data: [UInt8], version: UInt8 = 1) -> [UInt8] {
    let text = Array((dictionary + String(repeating: " ", count: 7) + "\n").utf8)
    let length = [UInt8(text.count & 255), UInt8(text.count >> 8)] + (version == 1 ? [] : [0, 0])
    return [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, version, 0] + length + text + data
  }

  private func open(_ bytes: [UInt8]) throws -> NPYFile {
    try home.write(bytes, "array.npy")
    return try NPYFile(home.path + "/array.npy")
  }

  /// What numpy.save(array([3, -2], '<i2')) wrote.
  @Test func fileOfNumpy() throws {
    let dictionary = "{'descr': '<i2', 'fortran_order': False, 'shape': (2,), }"
    let header = dictionary + String(repeating: " ", count: 0x76 - 1 - dictionary.utf8.count) + "\n"
    let bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0, 0x76, 0] + Array(header.utf8) + [3, 0, 0xFE, 0xFF]
    let array = try open(bytes)
    #expect(array.shape == [2])
    #expect(try array.integers() == [3, -2])
  }

  /// And what it would write, byte by byte.
  @Test func fileForNumpy() throws {
    let dictionary = "{'descr': '<i2', 'fortran_order': False, 'shape': (2,), }"
    let header = dictionary + String(repeating: " ", count: 0x76 - 1 - dictionary.utf8.count) + "\n"
    let bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0, 0x76, 0] + Array(header.utf8) + [3, 0, 0xFE, 0xFF]
    #expect(NPYHeader(descr: "<i2", fortranOrder: false, shape: [2]).file(of: [3, 0, 0xFE, 0xFF]) == bytes)
  }

  @Test(arguments: [1, 2, 3] as [UInt8]) func versions(version: UInt8) throws {
    let array = try open(
      file("{'descr': '|u1', 'fortran_order': False, 'shape': (3, 2), }", [1, 2, 3, 4, 5, 255], version: version))
    #expect(array.shape == [3, 2])
    #expect(try array.bytes() == [1, 2, 3, 4, 5, 255])
    #expect(try array.bytes(rows: 1..<2) == [3, 4])
    #expect(try array.bytes(rows: 2..<2) == [])
  }

  /// Any order of keys, any quotes, no comma at the end.
  @Test func dictionaryStyles() throws {
    let array = try open(file("{ \"shape\":(1 ,2), 'fortran_order' : False,'descr':\"|i1\"}", [255, 2]))
    #expect(array.shape == [1, 2])
    #expect(try array.integers() == [-1, 2])
  }

  @Test(
    arguments: [
      ("|u1", [200], 200), ("|i1", [200], -56), ("<u2", [0xFE, 0xFF], 65534), ("<i2", [0xFE, 0xFF], -2),
      (">i2", [0xFF, 0xFE], -2), (">u2", [1, 0], 256), ("<i4", [0, 0, 1, 0], 65536),
      ("<u4", [255, 255, 255, 255], 4294967295),
      ("<i8", [5, 0, 0, 0, 0, 0, 0, 0], 5), (">i8", [0, 0, 0, 0, 0, 0, 1, 5], 261),
      ("<u8", [5, 0, 0, 0, 0, 0, 0, 0], 5),
    ] as [(String, [UInt8], Int64)])
  func integerTypes(descr: String, data: [UInt8], value: Int64) throws {
    let array = try open(file("{'descr': '\(descr)', 'fortran_order': False, 'shape': (1,), }", data))
    #expect(try array.integers() == [value])
  }

  @Test func writerKeepsToTheFormat() throws {
    let bytes = NPYWriter.encode([1, -1] as [Int64], shape: [2, 1])
    let length = Int(bytes[8]) | Int(bytes[9]) << 8
    #expect(bytes[0..<8] == [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0])
    #expect((10 + length) % 64 == 0 && bytes[9 + length] == 0x0A)
    #expect(
      String(decoding: bytes[10...], as: UTF8.self)
        .hasPrefix("{'descr': '<i8', 'fortran_order': False, 'shape': (2, 1), } "))
    #expect(Array(bytes[(10 + length)...]) == [1, 0, 0, 0, 0, 0, 0, 0] + [UInt8](repeating: 255, count: 8))
    #expect(String(decoding: NPYWriter.encode([9] as [UInt8], shape: [1]), as: UTF8.self).contains("'|u1'"))
    #expect(String(decoding: NPYWriter.encode([9] as [UInt8], shape: [1]), as: UTF8.self).contains("(1,)"))
  }

  @Test func badFiles() throws {
    func expectBad(_ bytes: [UInt8], _ part: String, location: SourceLocation = #_sourceLocation) {
      expectFailure(.badData, "array.npy", part, location: location) { _ = try open(bytes).integers() }
    }
    let good = "{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }"
    expectBad(Array("PK\u{3}\u{4} is a zip archive".utf8), "no .npy file")
    expectBad([], "no .npy file")
    expectBad(file(good, [1, 2], version: 4), "version 4.0")
    expectBad(file(good, [1]), "cut short: 1 bytes of numbers where its header promises 2")
    expectBad(Array(file(good, []).prefix(40)), "ends inside its .npy header")
    expectBad(file(good.replacingOccurrences(of: "False", with: "True"), [1, 2]), "Fortran order")
    expectBad(file(good.replacingOccurrences(of: "|u1", with: "<f4"), [0, 0, 0, 0, 0, 0, 0, 0]), "dtype <f4")
    expectBad(file(good.replacingOccurrences(of: "|u1", with: "|b1"), [0, 0]), "dtype |b1")
    expectBad(file("{'descr': [('a', '<i4')], 'fortran_order': False, 'shape': (2,), }", [1, 2]), "structured dtype")
    expectBad(file("{'descr': '|u1', 'shape': (2,), }", [1, 2]), "cannot be read")
    expectBad(file("{'descr': '|u1', 'fortran_order': False, 'shape': (-2,), }", [1, 2]), "cannot be read")
    expectBad(file("{'descr': '|u1', 'fortran_order': False, 'shape': (2,)", [1, 2]), "cannot be read")
    expectBad(file("{'descr': '|u1', 'fortran_order': None, 'shape': (2,), }", [1, 2]), "cannot be read")
    expectBad(file("", [1, 2]), "cannot be read")
    expectBad(file("{'descr': '|u1', 'fortran_order': False, 'shape': (), }", [1]), "an array of integers is needed")
    let huge = "(4611686018427387904, 4, 4)"
    expectBad(file("{'descr': '|u1', 'fortran_order': False, 'shape': \(huge), }", [1]), "cut short")
    expectBad(file("{'descr': '|u1', 'fortran_order': False, 'shape': (4, 4611686018427387904, 4), }", [1]), "shape")
    expectBad(
      file("{'descr': '<u8', 'fortran_order': False, 'shape': (1,), }", [UInt8](repeating: 255, count: 8)), "2^63")
    expectFailure(.badData, "dtype <i8: uint8") {
      let eight = [UInt8](repeating: 0, count: 8)
      _ = try open(file("{'descr': '<i8', 'fortran_order': False, 'shape': (1,), }", eight)).bytes()
    }
    expectFailure(.badData, "cannot open", "No such file") { _ = try NPYFile(home.path + "/none.npy") }
  }
}

@Suite struct NPYSourceTests {
  let home: TemporaryDirectory

  init() throws { home = try TemporaryDirectory() }

  /// Four training images of 16x24 and two test images, labels 0 ... 3.
  private func write(_ part: String, labels: [Int64], shape: [Int]? = nil) throws {
    let shape = shape ?? [labels.count, 16, 24, 3]
    let pixels = (0..<shape.reduce(1, *)).map { UInt8(truncatingIfNeeded: $0 * 7) }
    try NPYWriter.write(pixels, shape: shape, to: "\(home.path)/\(part)_images.npy")
    try NPYWriter.write(labels, shape: [labels.count], to: "\(home.path)/\(part)_labels.npy")
  }

  private func load(limit: Int? = nil) throws -> Dataset {
    try DatasetCatalog.load(DatasetRequest(name: "npy", path: home.path, limitTrain: limit))
  }

  @Test func ownData() throws {
    try write("train", labels: [0, 3, 1, 1])
    try write("test", labels: [2, 0])
    #expect(try DatasetCatalog.recognize(home.path) == "npy")
    let data = try load()
    #expect((data.train.count, data.test.count, data.height, data.width) == (4, 2, 16, 24))
    #expect(data.train.labels == [0, 3, 1, 1] && data.test.labels == [2, 0])
    #expect(data.train.pixels == (0..<4 * 16 * 24 * 3).map { UInt8(truncatingIfNeeded: $0 * 7) })
    #expect(data.classNames == ["class 0", "class 1", "class 2", "class 3"])
    #expect(
      data.notes.map { String($0.prefix { $0 != ":" }) } == [
        "1 of 4 classes has no training image (class 2)", "2 of 4 classes have no test image (class 1, class 3)",
      ])
    let limited = try load(limit: 1)
    #expect(limited.train.count == 1 && limited.classCount == 4)
    #expect(limited.train == data.train.prefix(1) && limited.digest != data.digest)
    try home.write("red\nlight green\n\nblue\nnone\nspare\n", "class_names.txt")
    #expect(try load().classNames == ["red", "light green", "blue", "none", "spare"])
  }

  @Test func badData() throws {
    expectFailure(.configuration, "data.path", "train_images.npy") {
      _ = try DatasetCatalog.load(DatasetRequest(name: "npy"))
    }
    try write("train", labels: [0, 1])
    expectFailure(.badData, "no \(home.path)/test_images.npy", "test_labels.npy") { _ = try load() }
    try write("test", labels: [0, 1, 2])
    try home.write("a\nb\n", "class_names.txt")
    expectFailure(.badData, "class_names.txt names 2 classes", "label 2") { _ = try load() }
    try write("test", labels: [0, 1])

    try write("train", labels: [0, -1])
    expectFailure(.badData, "train_labels.npy", "label 1 (from 0) is -1") { _ = try load() }
    try write("train", labels: [0, 70_000])
    expectFailure(.badData, "train_labels.npy", "70000") { _ = try load() }
    try write("train", labels: [0, 1], shape: [3, 16, 24, 3])
    expectFailure(.badData, "train_images.npy has 3 images, but train_labels.npy 2 labels") { _ = try load() }
    try write("train", labels: [0, 1], shape: [2, 3, 16, 24])
    expectFailure(.badData, "(2, 3, 16, 24)", "(N, H, W, 3)", "transpose(0, 2, 3, 1)") { _ = try load() }
    try write("train", labels: [0, 1], shape: [2, 16, 24])
    expectFailure(.badData, "(2, 16, 24)", "(N, H, W, 3)") { _ = try load() }
    try write("train", labels: [0, 1], shape: [2, 28, 28, 3])
    expectFailure(.badData, "28x28", "multiple of 8") { _ = try load() }
    try write("train", labels: [0, 1], shape: [2, 8, 8, 3])
    expectFailure(.badData, "8x8", "from 16 on") { _ = try load() }
    try write("train", labels: [0, 1], shape: [2, 32, 32, 3])
    expectFailure(.badData, "32x32", "16x24", "one size") { _ = try load() }
    try write("train", labels: [])
    expectFailure(.badData, "train_images.npy has no images") { _ = try load() }
    try NPYWriter.write([0, 1] as [Int64], shape: [2, 1], to: "\(home.path)/train_labels.npy")
    expectFailure(.badData, "train_labels.npy has shape (2, 1)", "(N,)") { _ = try load() }
  }

  @Test func oneClassIsNoTask() throws {
    try write("train", labels: [0, 0])
    try write("test", labels: [0])
    expectFailure(.badData, "at least two") { _ = try load() }
  }
}
