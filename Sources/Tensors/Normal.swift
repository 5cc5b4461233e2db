// Normal random numbers with the same bits on every CPU.
//
// The quantile function of the standard normal distribution by Wichura's algorithm AS 241, PPND7 (Applied Statistics 37,
// 1988): rational functions, 7 digits. The tails need log (Logarithm.swift) and square root.

extension RandomStream {
  /// The standard normal number of a word.
  package static func normal(_ word: UInt32) -> Float { Float(Normal.quantile((Double(word) + 0.5) * 0x1p-32)) }

  /// A number of a word from the standard normal distribution between -2 and 2: Φ⁻¹(Φ(−2) + (1 − 2 Φ(−2)) u).
  package static func normalWithinTwo(_ word: UInt32) -> Float {
    let below = 0.022_750_131_948_179_21
    return Float(Normal.quantile(below + (1 - 2 * below) * ((Double(word) + 0.5) * 0x1p-32)))
  }
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
    let tail = (-Logarithm.value(q < 0 ? p : 1 - p)).squareRoot()
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
}
