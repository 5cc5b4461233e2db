// Normal random numbers with the same bits on every CPU.
//
// The quantile function of the standard normal distribution by Wichura's algorithm AS 241, PPND7 (Applied Statistics 37,
// 1988): rational functions, 7 digits. The tails need log and square root; the C library's log may differ in the last bit
// between CPUs, so it is made here from + - · / alone: log(m·2^e) = e·log 2 + 2·atanh((m − 1)/(m + 1)).

extension RandomStream {
  /// The standard normal number of a word.
  package static func normal(_ word: UInt32) -> Float { Float(Normal.quantile((Double(word) + 0.5) * 0x1p-32)) }
}

/// The standard normal distribution.
enum Normal {
  /// The number below which a normal number lies with probability `p`, in 0 <..< 1.
  static func quantile(_ p: Double) -> Double {
    let q = p - 0.5
    if abs(q) <= 0.425 {
      let r = 0.180625 - q * q
      return q * (((59.109374720 * r + 159.29113202) * r + 50.434271938) * r + 3.3871327179)
        / (((67.187563600 * r + 78.757757664) * r + 17.895169469) * r + 1)
    }
    let tail = (-logarithm(q < 0 ? p : 1 - p)).squareRoot()
    let value: Double
    if tail <= 5 {
      let r = tail - 1.6
      value =
        (((0.17023821103 * r + 1.3067284816) * r + 2.7568153900) * r + 1.4234372777)
        / ((0.12021132975 * r + 0.73700164250) * r + 1)
    } else {
      let r = tail - 5
      value =
        (((0.017337203997 * r + 0.42868294337) * r + 3.0812263860) * r + 6.6579051150)
        / ((0.012258202635 * r + 0.24197894225) * r + 1)
    }
    return q < 0 ? -value : value
  }

  /// The natural logarithm of a positive normal number.
  static func logarithm(_ x: Double) -> Double {
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
