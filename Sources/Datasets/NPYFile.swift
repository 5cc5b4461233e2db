// Arrays of integers in NumPy's .npy format, whole or by rows.

import Failures

/// A .npy file whose header has been read and whose length fits it.
package struct NPYFile: Sendable {
  package let path: String
  package let header: NPYHeader
  /// Where the numbers begin.
  private let offset: Int
  /// Bytes of one number, and of all numbers with the same first index.
  private let itemSize: Int
  private let rowSize: Int

  package var shape: [Int] { header.shape }

  /// Opens a file and checks it.
  ///
  /// - Throws: `Failure` with `badData` for anything but an array of numbers in C order, at least one-dimensional.
  package init(_ path: String) throws {
    self.path = path
    let size = try FileAccess.size(of: path)
    let start = try FileAccess.read(path, count: min(size, 12))
    guard start.count >= 10, start.starts(with: [0x93] + Array("NUMPY".utf8)) else {
      throw Failure(.badData, "\(path) is no .npy file: write it with numpy.save")
    }
    guard (1...3).contains(start[6]), start[6] == 1 || start.count == 12 else {
      throw Failure(.badData, "\(path) is .npy of version \(start[6]).\(start[7]), known are 1 to 3")
    }
    let lengthBytes = start[6] == 1 ? 2 : 4
    let length = start[8..<8 + lengthBytes].reversed().reduce(0) { $0 << 8 | Int($1) }
    offset = 8 + lengthBytes + length
    guard offset <= size else { throw Failure(.badData, "\(path) ends inside its .npy header: is it damaged?") }
    header = try NPYHeader(parsing: FileAccess.read(path, offset: 8 + lengthBytes, count: length), path: path)
    guard !header.fortranOrder else {
      throw Failure(.badData, "\(path) is in Fortran order: save numpy.ascontiguousarray(array)")
    }
    guard header.shape.count >= 1, let digit = header.descr.last?.wholeNumberValue, digit > 0 else {
      throw Failure(.badData, "\(path) holds \(header.dictionary), an array of integers is needed")
    }
    itemSize = digit
    var bytes = itemSize
    for extent in header.shape.dropFirst().reversed() {
      let (product, overflow) = bytes.multipliedReportingOverflow(by: extent)
      guard !overflow else { throw Failure(.badData, "\(path) claims the impossible shape \(header.shape)") }
      bytes = product
    }
    rowSize = bytes
    let (total, overflow) = rowSize.multipliedReportingOverflow(by: header.shape[0])
    guard !overflow, total <= size - offset else {
      throw Failure(
        .badData,
        "\(path) is cut short: \(size - offset) bytes of numbers where its header promises "
          + (overflow ? "more than fit" : "\(total)"))
    }
  }

  /// The rows `rows` (first index) of an array of `uint8`, or all of them.
  ///
  /// - Throws: `Failure` with `badData` for another type.
  package func bytes(rows: Range<Int>? = nil) throws -> [UInt8] {
    guard header.descr.dropFirst() == "u1" else {
      throw Failure(.badData, "\(path) holds dtype \(header.descr): uint8 (0 to 255) is needed")
    }
    return try raw(rows ?? 0..<shape[0])
  }

  /// All numbers of an array of integers of any width, signed or not, in either byte order.
  ///
  /// - Throws: `Failure` with `badData` for another type, or a number beyond `Int64`.
  package func integers() throws -> [Int64] {
    let data = try raw(0..<shape[0])
    switch header.descr.dropFirst() {
    case "u1": return data.map { Int64($0) }
    case "i1": return data.map { Int64(Int8(bitPattern: $0)) }
    case "u2": return try decode(data, as: UInt16.self)
    case "i2": return try decode(data, as: Int16.self)
    case "u4": return try decode(data, as: UInt32.self)
    case "i4": return try decode(data, as: Int32.self)
    case "u8": return try decode(data, as: UInt64.self)
    case "i8": return try decode(data, as: Int64.self)
    default:
      throw Failure(.badData, "\(path) holds dtype \(header.descr): integers are needed (array.astype(numpy.int64))")
    }
  }

  /// The rows `rows` (first index) of an array of `float32`.
  ///
  /// - Throws: `Failure` with `badData` for another type.
  package func floats(rows: Range<Int>) throws -> [Float] {
    guard header.descr.dropFirst() == "f4" else {
      throw Failure(.badData, "\(path) holds dtype \(header.descr): float32 is needed (array.astype(numpy.float32))")
    }
    let big = header.descr.hasPrefix(">")
    return try raw(rows).withUnsafeBytes { data in
      stride(from: 0, to: data.count, by: 4).map { at in
        let word = data.loadUnaligned(fromByteOffset: at, as: UInt32.self)
        return Float(bitPattern: big ? UInt32(bigEndian: word) : UInt32(littleEndian: word))
      }
    }
  }

  private func raw(_ rows: Range<Int>) throws -> [UInt8] {
    precondition(rows.lowerBound >= 0 && rows.upperBound <= shape[0])
    let data = try FileAccess.read(path, offset: offset + rows.lowerBound * rowSize, count: rows.count * rowSize)
    guard data.count == rows.count * rowSize else {
      throw Failure(.badData, "\(path) became shorter while it was read: is it still being copied?")
    }
    return data
  }

  private func decode<T: FixedWidthInteger>(_ data: [UInt8], as: T.Type) throws -> [Int64] {
    let big = header.descr.hasPrefix(">")
    return try data.withUnsafeBytes { data in
      try stride(from: 0, to: data.count, by: itemSize).map { at in
        let word = data.loadUnaligned(fromByteOffset: at, as: T.self)
        guard let value = Int64(exactly: big ? T(bigEndian: word) : T(littleEndian: word)) else {
          throw Failure(.badData, "\(path): number \(at / itemSize) (from 0) is beyond 2^63")
        }
        return value
      }
    }
  }
}
