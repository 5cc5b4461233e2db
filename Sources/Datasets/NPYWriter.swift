// Arrays of integers to NumPy's .npy format, version 1.0: the numbers start at a multiple of 64 bytes.

/// Writes what `NPYFile` and `numpy.load` read.
package enum NPYWriter {
  /// The bytes of a file with an array in C order.
  package static func encode<T: FixedWidthInteger>(_ values: [T], shape: [Int]) -> [UInt8] {
    precondition(shape.reduce(1, *) == values.count)
    let width = T.bitWidth / 8
    let descr = (width == 1 ? "|" : "<") + (T.isSigned ? "i" : "u") + "\(width)"
    var header = Array(NPYHeader(descr: descr, fortranOrder: false, shape: shape).dictionary.utf8)
    header += [UInt8](repeating: 0x20, count: 63 - (10 + header.count) % 64) + [0x0A]
    var file = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.count & 255), UInt8(header.count >> 8)] + header
    file.reserveCapacity(file.count + values.count * width)
    values.map(\.littleEndian).withUnsafeBytes { file += $0 }
    return file
  }

  /// Writes a file anew.
  ///
  /// - Throws: `Failure` with `cannotCreate` or `inputOutput`.
  package static func write<T: FixedWidthInteger>(_ values: [T], shape: [Int], to path: String) throws {
    try FileAccess.write(encode(values, shape: shape), to: path)
  }
}
