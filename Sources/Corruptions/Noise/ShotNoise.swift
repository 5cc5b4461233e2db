// Poisson(x·c)/c, each number on its own: the noise of counting photons, c for a white one.
//
// Bytes have 256 rates, so the distribution functions are tables, made once: p_0 = e^-r, p_k = p_(k-1)·r/k. A draw is the
// first count whose distribution function exceeds a uniform number.

import Tensors

/// Shot noise.
struct ShotNoise: Corruption {
  static let name = "shot_noise"
  static let summary = "noise of few photons (Poisson)"
  static let number = 2
  private static let photons = [500.0, 250, 100, 75, 50]
  /// By severity and byte.
  private let counts = photons.map { c in (0..<256).map { PoissonTable(rate: Double($0) / 255 * c) } }

  func corrupt(_ image: ByteImage, severity: Int, _ draws: Draws) -> ByteImage {
    let c = Self.photons[severity - 1]
    let tables = counts[severity - 1]
    var x = image.plane
    draws.stream().forEachWord(x.values.count) { i, word in
      x.values[i] = Double(tables[Int(image.bytes[i])].count(word)) / c
    }
    return x.image
  }
}

/// A Poisson distribution.
struct PoissonTable: Sendable {
  /// The probability of at most k.
  private let distribution: [Double]

  /// - Parameter rate: 0 ... 500.
  init(rate: Double) {
    var probability = Exponential.value(-rate)
    var (sum, k) = (probability, 0.0)
    var table = [sum]
    // The last ones are rarer than a word can tell.
    while k < rate || 1 - sum > 0x1p-34 && probability > 0x1p-60 {
      k += 1
      probability *= rate / k
      sum += probability
      table.append(sum)
    }
    distribution = table
  }

  /// The count at the quantile of a word.
  func count(_ word: UInt32) -> Int {
    let u = (Double(word) + 0.5) * 0x1p-32
    var (low, high) = (0, distribution.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if distribution[middle] > u { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
