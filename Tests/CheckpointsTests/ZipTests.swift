import Checkpoints
import Failures
import Foundation
import Testing

/// What may be otherwise in an archive than `torch.save` makes it: ZIP64's forms, and what is refused. The archives are PyTorch's
/// with another directory, made by hand after APPNOTE.TXT.
@Suite struct ZipTests {
  private let scratch = Scratch()

  /// An entry of the directory; numbers as they stand there.
  private struct Entry {
    var fixed: [UInt8]
    var name: [UInt8]
    var extra: [UInt8] = []

    var bytes: [UInt8] {
      var fixed = fixed
      fixed.replaceSubrange(28..<34, with: [UInt16(name.count), UInt16(extra.count), 0].flatMap(ZipTests.word))
      return fixed + name + extra
    }

    mutating func set(_ place: Int, _ value: some FixedWidthInteger) {
      let bytes = ZipTests.word(value)
      fixed.replaceSubrange(place..<place + bytes.count, with: bytes)
    }

    func number(_ place: Int) -> UInt64 {
      UInt64(fixed[place..<place + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) })
    }
  }

  private static func word(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian, Array.init)
  }

  /// A golden archive: the bytes before its directory, and that.
  private static func archive() throws -> (contents: [UInt8], entries: [Entry]) {
    let bytes = try TorchGoldens.bytes("kinds.pt")
    func number(_ place: Int, _ size: Int) -> Int {
      bytes[place..<place + size].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    let end = bytes.count - 22
    var at = number(end + 16, 4)
    let contents = Array(bytes[..<at])
    var entries: [Entry] = []
    for _ in 0..<number(end + 10, 2) {
      let (name, extra) = (number(at + 28, 2), number(at + 30, 2))
      entries.append(Entry(fixed: Array(bytes[at..<at + 46]), name: Array(bytes[at + 46..<at + 46 + name])))
      at += 46 + name + extra
    }
    return (contents, entries)
  }

  /// The archive with ends of these forms.
  private static func file(_ contents: [UInt8], _ entries: [Entry], wideEnd: Bool = false, comment: String = "")
    -> [UInt8]
  {
    let directory = entries.flatMap(\.bytes)
    var bytes = contents + directory
    let place = bytes.count
    if wideEnd {
      bytes += word(UInt32(0x0606_4B50)) + word(UInt64(44)) + word(UInt32(0x2D_002D)) + word(UInt64(0))
      bytes += word(UInt64(entries.count)) + word(UInt64(entries.count)) + word(UInt64(directory.count))
      bytes += word(UInt64(contents.count)) + word(UInt32(0x0706_4B50)) + word(UInt32(0)) + word(UInt64(place))
      bytes += word(UInt32(1))
    }
    let count = wideEnd ? UInt16.max : UInt16(entries.count)
    bytes += word(UInt32(0x0605_4B50)) + word(UInt32(0)) + word(count) + word(count)
    bytes += word(wideEnd ? UInt32.max : UInt32(directory.count)) + word(wideEnd ? UInt32.max : UInt32(contents.count))
    return bytes + word(UInt16(comment.utf8.count)) + Array(comment.utf8)
  }

  /// The message of a refusal; nil where the golden tensors are read.
  private func refusal(_ bytes: [UInt8]) throws -> String? {
    do {
      let file = try TorchFile(try scratch.write("a.pt", bytes))
      #expect(try file.outlines.count == TorchGoldens.expected().kinds.count)
      for index in file.outlines.indices { _ = try file.bytes(at: index) }
      return nil
    } catch let failure as Failure {
      #expect(failure.code == .badData && failure.message.contains("a.pt"))
      return failure.message
    }
  }

  @Test func wideFormsAreRead() throws {
    let (contents, entries) = try Self.archive()
    #expect(try refusal(Self.file(contents, entries)) == nil)
    #expect(try refusal(Self.file(contents, entries, comment: "about it")) == nil)
    #expect(try refusal(Self.file(contents, entries, wideEnd: true)) == nil)
    let wide = entries.map { entry in
      var wide = entry
      wide.extra = Self.word(UInt16(0x4246)) + Self.word(UInt16(2)) + [90, 90]
      wide.extra += Self.word(UInt16(1)) + Self.word(UInt16(24))
      wide.extra += Self.word(entry.number(24)) + Self.word(entry.number(20)) + Self.word(entry.number(42))
      for place in [20, 24, 42] { wide.set(place, UInt32.max) }
      return wide
    }
    #expect(try refusal(Self.file(contents, wide)) == nil)
    #expect(try refusal(Self.file(contents, wide, wideEnd: true)) == nil)
    var without = wide
    without[0].extra = []
    #expect(try refusal(Self.file(contents, without))?.contains("has no size") == true)
  }

  @Test func otherArchivesAreRefused() throws {
    let (contents, entries) = try Self.archive()
    func message(_ change: (inout Entry) -> Void) throws -> String? {
      var entries = entries
      change(&entries[0])
      return try refusal(Self.file(contents, entries))
    }
    #expect(try message { $0.set(10, UInt16(8)) }?.contains("is compressed (kinds/data.pkl)") == true)
    #expect(try message { $0.set(8, UInt16(1)) }?.contains("is encrypted") == true)
    #expect(try message { $0.set(42, UInt32.max - 1) }?.contains("lies outside") == true)
    #expect(try message { $0.set(42, UInt32(1)) }?.contains("does not begin where") == true)
    #expect(
      try message {
        $0.set(20, UInt32.max - 1)
        $0.set(24, UInt32.max - 1)
      }?.contains("lies outside") == true)
    #expect(try message { $0.set(16, UInt32(1)) }?.contains("does not have the check sum") == true)
    #expect(try message { $0.name = Array("kinds/other".utf8) }?.contains("has no entry data.pkl") == true)
    #expect(try refusal(Self.file(contents, entries + [entries[3]]))?.contains("twice") == true)
    let storage = try #require(entries.firstIndex { String(decoding: $0.name, as: UTF8.self).hasSuffix("/data/0") })
    var fewer = entries
    fewer.remove(at: storage)
    #expect(try refusal(Self.file(contents, fewer))?.contains("storage 0 is missing") == true)
    let order = try #require(entries.firstIndex { String(decoding: $0.name, as: UTF8.self).hasSuffix("/byteorder") })
    let place = Int(entries[order].number(42))
    let text = try #require((place..<place + 200).first { contents[$0...].starts(with: "little".utf8) })
    var big = contents
    big.replaceSubrange(text..<text + 6, with: Array("big   ".utf8))
    var unsummed = entries
    unsummed[order].set(16, UInt32(0))
    #expect(try refusal(Self.file(big, unsummed))?.contains("big-endian") == true)
  }
}
