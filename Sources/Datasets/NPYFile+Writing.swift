// Arrays as numpy.save writes them, version 1: the numbers begin at a multiple of 64 bytes.

extension NPYHeader {
  /// A whole file: magic bytes, version, header, then the numbers.
  ///
  /// - Parameter numbers: all of them in C order, little-endian, as `descr` says.
  package func file(of numbers: [UInt8]) -> [UInt8] {
    precondition(!fortranOrder, "arrays are written in C order")
    let text = Array(dictionary.utf8)
    let length = (10 + text.count + 1 + 63) / 64 * 64 - 10
    precondition(length < 1 << 16, "a header of version 1 has two bytes for its length")
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 255), UInt8(length >> 8)] + text
      + [UInt8](repeating: UInt8(ascii: " "), count: length - text.count - 1) + [UInt8(ascii: "\n")] + numbers
  }
}
