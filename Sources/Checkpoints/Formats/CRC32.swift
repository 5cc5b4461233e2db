// The check sum of zip entries: CRC-32 of ISO 3309, polynomial x^32 + x^26 + x^23 + ... + 1 (0xEDB88320 with the lowest
// power first), register and result inverted. One byte at a time, by a table of the 256 remainders.

/// A CRC-32 in the making.
package struct CRC32 {
  private static let remainders: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
  }

  private var register: UInt32 = ~0

  /// Of the bytes so far.
  var value: UInt32 { ~register }

  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    register = Self.remainders.withUnsafeBufferPointer { table in
      bytes.reduce(register) { table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] ^ $0 >> 8 }
    }
  }

  /// Of some bytes.
  package static func of(_ bytes: [UInt8]) -> UInt32 {
    var sum = CRC32()
    bytes.withUnsafeBytes { sum.update($0) }
    return sum.value
  }
}
