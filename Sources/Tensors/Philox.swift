// Philox4x32-10: a counter-based generator, so that a random number is a pure function of its address.
//
// Ten rounds of   (c0, c1, c2, c3) -> (hi(M1·c2) ^ c1 ^ k0, lo(M1·c2), hi(M0·c0) ^ c3 ^ k1, lo(M0·c0)),
// the key growing by the Weyl constants between rounds.
// Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2, 3. SC 2011.

/// The Philox4x32-10 block function.
package enum Philox {
  /// Four 32-bit random words for a 128-bit counter under a 64-bit key.
  @inlinable
  package static func block(_ counter: SIMD4<UInt32>, key: UInt64) -> SIMD4<UInt32> {
    var c = counter
    var k0 = UInt32(truncatingIfNeeded: key)
    var k1 = UInt32(truncatingIfNeeded: key >> 32)
    for round in 0..<10 {
      if round > 0 {
        k0 &+= 0x9E37_79B9
        k1 &+= 0xBB67_AE85
      }
      let p0 = UInt64(0xD251_1F53) &* UInt64(c[0])
      let p1 = UInt64(0xCD9E_8D57) &* UInt64(c[2])
      c = SIMD4(
        UInt32(truncatingIfNeeded: p1 >> 32) ^ c[1] ^ k0, UInt32(truncatingIfNeeded: p1),
        UInt32(truncatingIfNeeded: p0 >> 32) ^ c[3] ^ k1, UInt32(truncatingIfNeeded: p0))
    }
    return c
  }
}
