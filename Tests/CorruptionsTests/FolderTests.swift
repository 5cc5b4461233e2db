import Corruptions
import Datasets
import Failures
import Foundation
import Tensors
import Testing

/// Folders of corrupted images as readers meet them.
@Suite final class FolderTests {
  private let path = NSTemporaryDirectory() + "corrupted-\(UUID().uuidString)"
  private static let rows = (0..<10 * 768).map { UInt8(truncatingIfNeeded: $0 / 768) }
  private static let labels: [UInt8] = [2, 7, 2, 7, 2, 7, 2, 7, 2, 7]
  private static let images = NPYHeader(descr: "|u1", fortranOrder: false, shape: [10, 16, 16, 3]).file(of: rows)

  init() throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    try write(Self.images, "fog.npy")
    try write(Self.images, "brightness.npy")
    try write(NPYHeader(descr: "|u1", fortranOrder: false, shape: [10]).file(of: Self.labels), "labels.npy")
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  private func write(_ bytes: [UInt8], _ name: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
  }

  @Test func publishedLayout() throws {
    let folder = try CorruptedFolder(path, classes: 10)
    #expect(folder.names == ["fog", "brightness"] && folder.severities == [1, 2, 3, 4, 5] && folder.count == 2)
    let images = try folder.images("fog", severity: 4)
    #expect(images.labels == [2, 7] && images.pixels == Array(Self.rows[6 * 768..<8 * 768]))
    let first = try CorruptedFolder(path, classes: 10, limit: 1).images("fog", severity: 5)
    #expect(first.labels == [2] && first.pixels == Array(Self.rows[8 * 768..<9 * 768]))
  }

  @Test func recordSaysWhichSeverities() throws {
    let record = CorruptionRecord(seed: 0, images: "x", count: 5, severities: [2, 5], frost: "made")
    try write(Array(JSONEncoder().encode(record)), CorruptionRecord.name)
    let folder = try CorruptedFolder(path, classes: 10)
    #expect(folder.severities == [2, 5] && folder.count == 5)
    #expect(try folder.images("fog", severity: 5).pixels == Array(Self.rows[5 * 768..<10 * 768]))
    for damaged in ["{", "{\"severities\":[]}", "{\"severities\":[6]}"] {
      try write(Array(damaged.utf8), CorruptionRecord.name)
      #expect(throws: Failure.self) { try CorruptedFolder(self.path, classes: 10) }
    }
  }

  @Test func otherTaskIsAnother() {
    let record = CorruptionRecord(seed: 0, images: "x", count: 5, severities: [2, 5], frost: "made")
    #expect(record.difference(from: record) == nil)
    for other in [
      CorruptionRecord(seed: 1, images: "x", count: 5, severities: [2, 5], frost: "made"),
      CorruptionRecord(seed: 0, images: "y", count: 5, severities: [2, 5], frost: "made"),
      CorruptionRecord(seed: 0, images: "x", count: 5, severities: [2], frost: "made"),
      CorruptionRecord(seed: 0, images: "x", count: 5, severities: [2, 5], frost: "z"),
    ] { #expect(record.difference(from: other) != nil) }
  }

  /// Damages of the headers: read or refused, nothing else.
  @Test(arguments: ["fog.npy", "labels.npy"]) func damagedHeaders(name: String) throws {
    let whole = try [UInt8](Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)")))
    for number in 0..<1000 {
      let stream = RandomStream(seed: 1, purpose: .test, example: number)
      var bytes = whole
      for change in 0..<1 + stream.integer(below: 3, at: 0) {
        let digit = UInt8(ascii: "0") + UInt8(stream.integer(below: 10, at: 4 * change + 1))
        let byte = UInt8(stream.word(at: 4 * change + 2) >> 24)
        bytes[stream.integer(below: 100, at: 4 * change + 3)] = number % 2 == 0 ? digit : byte
      }
      if number % 5 == 0 { bytes.removeLast(stream.integer(below: bytes.count, at: 20)) }
      try write(bytes, name)
      do {
        let folder = try CorruptedFolder(path, classes: 10)
        for severity in folder.severities { _ = try folder.images(folder.names[0], severity: severity) }
      } catch is Failure {}
    }
  }
}
