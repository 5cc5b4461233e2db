// log x with the same bits on every CPU.
//
// The C library's log may differ in the last bit between CPUs, so it is made here from + - · / alone:
// log(m·2^e) = e·log 2 + 2·atanh((m − 1)/(m + 1)), the series to degree 19.

/// The natural logarithm of what must have the same bits everywhere.
package enum Logarithm {
  /// The natural logarithm of a positive normal number.
  package static func value(_ x: Double) -> Double {
    var (exponent, m) = (Double(x.exponent), x.significand)
    if m > 1.414_213_562_373_095_1 {
      m /= 2
      exponent += 1
    }
    let s = (m - 1) / (m + 1)
    let square = s * s
    var sum = 0.0
    for degree in stride(from: 19.0, through: 1, by: -2) { sum = sum * square + 1 / degree }
    return exponent * 0.693_147_180_559_945_309 + 2 * s * sum
  }
}
