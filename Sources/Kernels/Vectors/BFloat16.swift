// bfloat16: the upper half of a Float, so 8 bits of its 24. Rounded to the nearest, ties to even:
//
//   bits = (f + 0x7fff + (bit 16 of f)) >> 16,    f the bits of the Float
//
// The product of two of them has 16 bits, so it is a Float exactly unless it is too large or too small for one. Sums of such
// products, each addition rounded once, have the same bits on every processor that takes them in the same order.

import CVector

/// The bits of bfloat16 numbers in those of Floats.
package enum BFloat16 {
  #if FAIRTAT_AVX512
    /// As many words as a vector has Floats.
    typealias Words = SIMD16<UInt32>
  #else
    typealias Words = SIMD8<UInt32>
  #endif

  /// The nearest bfloat16 of each lane, in the upper half of a word; the lower half is arbitrary. The NaN that arithmetic makes remains one.
  @inline(__always)
  static func rounded(_ v: Vector) -> Words {
    #if FAIRTAT_AVX512
      vector_round_bfloat16_16(v)
    #else
      vector_round_bfloat16_8(v)
    #endif
  }

  /// Writes the nearest of so many numbers, a multiple of `lanes`, one after another: two in the memory of a Float.
  package static func round(_ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, count: Int) {
    for i in stride(from: 0, to: count, by: lanes) { store(load(x + i), y + i / 2) }
  }

  /// Writes the nearest bfloat16 of each lane, one after another.
  @inline(__always)
  static func store(_ v: Vector, _ p: UnsafeMutablePointer<Float>) {
    #if FAIRTAT_AVX512
      vector_store_bfloat16_16(v, p)
    #else
      vector_store_bfloat16_8(v, p)
    #endif
  }

  /// Words of two rows: in the lower half of each what is in the first row, in the upper half what is in the second.
  @inline(__always)
  static func pairs(_ first: Vector, _ second: Vector) -> Vector {
    let words =
      (rounded(first) &>> Words(repeating: 16)) | (rounded(second) & Words(repeating: 0xffff_0000))
    return unsafeBitCast(words, to: Vector.self)
  }

  /// c + a·b of bfloat16 numbers a and b and a Float c, rounded once.
  @inline(__always)
  static func sum(_ c: Vector, _ a: Vector, _ b: Vector) -> Vector {
    #if FAIRTAT_BASELINE
      // In Double the product is exact, whatever its size, and the sum so near that rounding it again changes nothing.
      Vector(SIMD8<Double>(c) + SIMD8<Double>(a) * SIMD8<Double>(b))
    #else
      c.plus(a, times: b)
    #endif
  }

  /// The numbers in the lower and in the upper halves of words.
  @inline(__always)
  static func lower(_ words: Words) -> Vector { unsafeBitCast(words &<< Words(repeating: 16), to: Vector.self) }
  @inline(__always)
  static func upper(_ words: Words) -> Vector {
    unsafeBitCast(words & Words(repeating: 0xffff_0000), to: Vector.self)
  }
}
