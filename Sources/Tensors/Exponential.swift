// e^x with the same bits on every CPU.
//
// The C library's exp chooses between variants with and without fused multiply-add when it loads, and so may differ in
// the last bit between the hosts of one run; ranks must compute the same prior, and pictures be corrupted alike. Here: x = n·log 2 + r with
// |r| <= log 2 / 2, the Taylor series of e^r to degree 13 (remainder below 2^-57), scaled by 2^n; only +, · and
// rounding of IEEE 754. Below 2 ulp where the result is a normal number.

/// The exponential function of what must have the same bits everywhere.
package enum Exponential {
  /// e^x for x <= 0; 0 below -745.
  package static func value(_ x: Double) -> Double {
    precondition(x <= 0, "an argument up to 0 expected")
    guard x >= -745 else { return 0 }
    let n = (x * 1.442_695_040_888_963_4).rounded()
    // log 2 in two parts, the upper with 21 zero bits at its end, so that n·upper is exact.
    let r = (x - n * 6.931_471_803_691_238_164_90e-01) - n * 1.908_214_929_270_587_700_02e-10
    var sum = 1.0
    for degree in stride(from: 13.0, through: 1, by: -1) { sum = 1 + sum * r / degree }
    return Double(sign: .plus, exponent: Int(n), significand: sum)
  }

  /// e^x for |x| <= 745: the inverse of e^-x where x > 0.
  package static func ofAny(_ x: Double) -> Double { x > 0 ? 1 / value(-x) : value(x) }
}
