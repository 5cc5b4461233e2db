// Arrays of integers in NumPy's .npy format, version 1.0: the numbers start at a multiple of 64 bytes.

import Foundation

/// Writes what `numpy.save` does.
enum NPYWriter {
  /// The bytes of a file with an array in C order.
  static func encode<T: FixedWidthInteger>(_ values: [T], shape: [Int]) -> [UInt8] {
    precondition(shape.reduce(1, *) == values.count)
    let width = T.bitWidth / 8
    let descr = (width == 1 ? "|" : "<") + (T.isSigned ? "i" : "u") + "\(width)"
    let tuple = shape.count == 1 ? "(\(shape[0]),)" : "(" + shape.map { "\($0)" }.joined(separator: ", ") + ")"
    var header = Array("{'descr': '\(descr)', 'fortran_order': False, 'shape': \(tuple), }".utf8)
    header += [UInt8](repeating: 0x20, count: 63 - (10 + header.count) % 64) + [0x0A]
    var file = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.count & 255), UInt8(header.count >> 8)] + header
    values.map(\.littleEndian).withUnsafeBytes { file += $0 }
    return file
  }

  static func write<T: FixedWidthInteger>(_ values: [T], shape: [Int], to path: String) throws {
    try Data(encode(values, shape: shape)).write(to: URL(fileURLWithPath: path))
  }
}
