// The table of contents of a zip archive, as far as files of PyTorch need it: entries that are stored, not compressed, plain
// or in ZIP64's form. Format: PKWARE's APPNOTE.TXT 6.3, sections 4.3.7 (local header), 4.3.12 (central directory), 4.3.14 to
// 4.3.16 (its end, ZIP64's and the plain one), 4.5.3 (ZIP64's extra field). Numbers are little-endian.
//
// Nothing of it is believed: every range lies inside the file, or the archive is refused.

import Failures

/// Where the entries of an archive lie.
struct ZipDirectory: Sendable {
  /// A stored entry.
  struct Entry: Sendable {
    /// Bytes of the file.
    let range: Range<Int>
    /// CRC-32; 0 where the writer took none.
    let sum: UInt32
  }

  /// By name.
  let entries: [String: Entry]

  /// The largest directory that is believed.
  private static let limit = 16 << 20
  private static let longestComment = 65_535

  /// - Throws: `Failure(.badData)` for an archive that is damaged, compressed, encrypted or in several parts.
  init(_ reader: FileReader) throws(Failure) {
    let directory = try Self.locate(reader)
    let bytes = Fields(try reader.bytes(in: directory.range))
    var entries: [String: Entry] = [:]
    var at = 0
    for _ in 0..<directory.count {
      guard bytes.count - at >= 46, bytes.u32(at) == 0x0201_4B50 else {
        throw Self.damaged(reader, "its directory ends early")
      }
      let lengths = (name: bytes.u16(at + 28), extra: bytes.u16(at + 30), comment: bytes.u16(at + 32))
      let end = at + 46 + lengths.name + lengths.extra + lengths.comment
      guard end <= bytes.count else { throw Self.damaged(reader, "its directory ends early") }
      let name = String(decoding: bytes.bytes[at + 46..<at + 46 + lengths.name], as: UTF8.self)
      guard bytes.u16(at + 8) & 1 == 0 else { throw Failure(.badData, "\(reader.path) is encrypted: \(name)") }
      guard bytes.u16(at + 10) == 0 else {
        throw Failure(
          .badData,
          "\(reader.path) is compressed (\(name)): entries of PyTorch's files are stored; load it and save it anew with "
            + "torch.save")
      }
      var (packed, size, start) = (bytes.u32(at + 20), bytes.u32(at + 24), bytes.u32(at + 42))
      // Of ZIP64 the numbers that did not fit stand in the extra field, in this order.
      if [packed, size, start].contains(0xFFFF_FFFF) {
        var wide = bytes.wideNumbers(at + 46 + lengths.name, lengths.extra)
        if size == 0xFFFF_FFFF { size = wide.popLast() ?? -1 }
        if packed == 0xFFFF_FFFF { packed = wide.popLast() ?? -1 }
        if start == 0xFFFF_FFFF { start = wide.popLast() ?? -1 }
      }
      guard packed == size, size >= 0, start >= 0 else { throw Self.damaged(reader, "\(name) has no size") }
      let range = try Self.data(of: name, at: start, size, reader)
      guard entries.updateValue(Entry(range: range, sum: UInt32(bytes.u32(at + 16))), forKey: name) == nil else {
        throw Self.damaged(reader, "it has \(name) twice")
      }
      at = end
    }
    self.entries = entries
  }

  /// The bytes of an entry, after its own header.
  private static func data(of name: String, at start: Int, _ size: Int, _ reader: FileReader) throws(Failure) -> Range<
    Int
  > {
    guard start <= reader.byteCount - 30 else { throw damaged(reader, "\(name) lies outside") }
    let head = Fields(try reader.bytes(in: start..<start + 30))
    guard head.u32(0) == 0x0403_4B50 else { throw damaged(reader, "\(name) does not begin where the directory says") }
    let first = start + 30 + head.u16(26) + head.u16(28)
    guard first <= reader.byteCount, size <= reader.byteCount - first else {
      throw damaged(reader, "\(name) lies outside")
    }
    return first..<first + size
  }

  /// Where the directory lies, and how many entries it has.
  private static func locate(_ reader: FileReader) throws(Failure) -> (range: Range<Int>, count: Int) {
    let tail = Fields(try reader.bytes(in: max(0, reader.byteCount - 22 - longestComment)..<reader.byteCount))
    guard tail.count >= 22,
      let end = stride(from: tail.count - 22, through: 0, by: -1).first(where: { tail.u32($0) == 0x0605_4B50 })
    else { throw damaged(reader, "the end of the archive is missing; was it copied whole?") }
    var (count, size, start) = (tail.u16(end + 10), tail.u32(end + 12), tail.u32(end + 16))
    if count == 0xFFFF || size == 0xFFFF_FFFF || start == 0xFFFF_FFFF {
      guard end >= 20, tail.u32(end - 20) == 0x0706_4B50, let place = tail.wide(end - 12),
        place <= reader.byteCount - 56
      else { throw damaged(reader, "the end of the archive is missing; was it copied whole?") }
      let wide = Fields(try reader.bytes(in: place..<place + 56))
      guard wide.u32(0) == 0x0606_4B50 else { throw damaged(reader, "its end does not say where its directory is") }
      (count, size, start) = (wide.wide(32) ?? -1, wide.wide(40) ?? -1, wide.wide(48) ?? -1)
    }
    guard count >= 0, size >= 0, start >= 0, start <= reader.byteCount, size <= reader.byteCount - start else {
      throw damaged(reader, "its directory lies outside")
    }
    guard size <= limit, count <= size / 46 else {
      throw damaged(reader, "its directory has \(count) entries in \(size) bytes")
    }
    return (start..<start + size, count)
  }

  private static func damaged(_ reader: FileReader, _ what: String) -> Failure {
    Failure(.badData, "\(reader.path) is not a whole zip archive: \(what)")
  }
}

/// Bytes with numbers in them.
private struct Fields {
  let bytes: [UInt8]
  var count: Int { bytes.count }

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  func u16(_ at: Int) -> Int { Int(bytes[at]) | Int(bytes[at + 1]) << 8 }
  func u32(_ at: Int) -> Int { u16(at) | u16(at + 2) << 16 }
  /// Of 64 bits; nil beyond `Int`.
  func wide(_ at: Int) -> Int? { Int(exactly: UInt64(u32(at)) | UInt64(u32(at + 4)) << 32) }

  /// The numbers of ZIP64's extra field, the first one last; empty where there is none.
  func wideNumbers(_ start: Int, _ length: Int) -> [Int] {
    var at = start
    while at + 4 <= start + length {
      let size = u16(at + 2)
      guard at + 4 + size <= start + length else { return [] }
      if u16(at) == 1 { return (0..<size / 8).map { wide(at + 4 + 8 * $0) ?? -1 }.reversed() }
      at += 4 + size
    }
    return []
  }
}
