// SHA-256 (FIPS 180-4) by libcrypto, for files, data sets and the state that ranks compare.

import CCrypto

/// A running SHA-256.
package struct SHA256: ~Copyable {
  private let context: OpaquePointer

  /// The digest of nothing yet.
  package init() {
    guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
      fatalError("libcrypto has no SHA-256")
    }
    self.context = context
  }

  deinit { EVP_MD_CTX_free(context) }

  /// Takes in more bytes.
  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
  }

  /// Takes in the bytes of a string in UTF-8.
  package mutating func update(_ text: String) {
    var text = text
    text.withUTF8 { update(UnsafeRawBufferPointer($0)) }
  }

  /// The 64 hexadecimal digits of all bytes taken in.
  package consuming func hex() -> String {
    var digest = [UInt8](repeating: 0, count: 32)
    var length: UInt32 = 32
    EVP_DigestFinal_ex(context, &digest, &length)
    let digits = Array("0123456789abcdef")
    return String(digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }

  /// The hexadecimal digest of some bytes.
  package static func hex(of bytes: UnsafeRawBufferPointer) -> String {
    var sha = SHA256()
    sha.update(bytes)
    return sha.hex()
  }
}
