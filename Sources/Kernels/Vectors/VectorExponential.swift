// e^x of a vector from + - · alone, so that every CPU has the same bits for one vector length.
//
//   x = n·log 2 + r,   |r| <= log 2 / 2,   e^x = 2^n·Σ_{k <= 7} r^k/k!
//
// log 2 is taken in two parts, the first of which has few enough bits for n times it to be exact. The series' rest is below
// 6e-9 of the value, a tenth of a rounding.

/// The exponential function of Floats.
enum VectorExponential {
  /// e^x for x from −87 to 0; smaller arguments give e^−87, larger ones are not for it.
  @inline(__always)
  static func ofNonPositive(_ x: Vector) -> Vector {
    let x = x.replacing(with: Vector(repeating: -87), where: x .< Vector(repeating: -87))
    let n = (x * Vector(repeating: 1.442_695_04)).rounded(.toNearestOrEven)
    // 0x1.62e4p-1 has 15 bits, n at most 7.
    let r = x.plus(n, times: Vector(repeating: -0x1.62e4p-1)).plus(n, times: Vector(repeating: -0x1.7f7d1cp-20))
    var sum = Vector(repeating: 1 / 720).plus(r, times: Vector(repeating: 1 / 5040))
    sum = Vector(repeating: 1 / 120).plus(r, times: sum)
    sum = Vector(repeating: 1 / 24).plus(r, times: sum)
    sum = Vector(repeating: 1 / 6).plus(r, times: sum)
    sum = Vector(repeating: 1 / 2).plus(r, times: sum)
    sum = Vector(repeating: 1).plus(r, times: sum)
    sum = Vector(repeating: 1).plus(r, times: sum)
    return sum * power(n)
  }

  /// 2^n for whole n from −126 to 0: n in the place of the exponent.
  @inline(__always)
  private static func power(_ n: Vector) -> Vector {
    // 1.5·2^23 + n holds n in its last bits.
    let shifted = unsafeBitCast(n + Vector(repeating: 0x1.8p23), to: Bits.self)
    return unsafeBitCast(((shifted &- Bits(repeating: 0x4B40_0000)) &+ Bits(repeating: 127)) &<< 23, to: Vector.self)
  }
}

#if FAIRTAT_AVX512
  private typealias Bits = SIMD16<UInt32>
#else
  private typealias Bits = SIMD8<UInt32>
#endif
