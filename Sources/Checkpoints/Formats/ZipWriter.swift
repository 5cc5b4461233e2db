// Writes a zip archive of stored entries, of less than 4 GiB (the format: ZipDirectory.swift).

import Failures

/// An archive being written from front to back.
struct ZipWriter {
  private let writer: FileWriter
  /// The contents of every entry begin at a multiple of it.
  private let alignment: Int
  private var directory: [UInt8] = []
  private var count = 0

  init(_ writer: FileWriter, alignment: Int) {
    self.writer = writer
    self.alignment = alignment
  }

  mutating func add(_ name: String, _ contents: [UInt8]) throws(Failure) {
    // A failure inside of the closure is of that type alone.
    let failure = contents.withUnsafeBytes { bytes -> Failure? in
      do throws(Failure) {
        try add(name, bytes)
        return nil
      } catch {
        return error
      }
    }
    if let failure { throw failure }
  }

  /// Appends an entry.
  mutating func add(_ name: String, _ contents: UnsafeRawBufferPointer) throws(Failure) {
    let start = writer.byteCount
    var sum = CRC32()
    sum.update(contents)
    // Versions, flags (names in UTF-8), method (stored), time and date (none), check sum, sizes, lengths.
    func fields(extra: Int) -> [UInt8] {
      littleEndian(UInt16(20)) + littleEndian(UInt16(0x800)) + littleEndian(UInt16(0)) + littleEndian(UInt32(0))
        + littleEndian(sum.value) + littleEndian(UInt32(contents.count)) + littleEndian(UInt32(contents.count))
        + littleEndian(UInt16(name.utf8.count)) + littleEndian(UInt16(extra))
    }
    let first = start + 30 + name.utf8.count + 4
    let padding = (alignment - first % alignment) % alignment
    let extra = Array("FB".utf8) + littleEndian(UInt16(padding)) + [UInt8](repeating: UInt8(ascii: "Z"), count: padding)
    try append(littleEndian(UInt32(0x0403_4B50)) + fields(extra: extra.count) + Array(name.utf8) + extra)
    try writer.write(contents)
    // Comment, disk, attributes, place.
    directory += littleEndian(UInt32(0x0201_4B50)) + littleEndian(UInt16(0)) + fields(extra: 0)
    directory += [UInt8](repeating: 0, count: 10) + littleEndian(UInt32(start)) + Array(name.utf8)
    count += 1
  }

  /// Appends the table of contents.
  func finish() throws(Failure) {
    let start = writer.byteCount
    try append(directory)
    // Disks, entries, size and place of the directory, comment.
    try append(
      littleEndian(UInt32(0x0605_4B50)) + littleEndian(UInt32(0)) + littleEndian(UInt16(count))
        + littleEndian(UInt16(count)) + littleEndian(UInt32(directory.count)) + littleEndian(UInt32(start))
        + littleEndian(UInt16(0)))
  }

  private func append(_ bytes: [UInt8]) throws(Failure) {
    var failure: Failure?
    bytes.withUnsafeBytes { raw in
      do throws(Failure) { try writer.write(raw) } catch { failure = error }
    }
    if let failure { throw failure }
  }
}
