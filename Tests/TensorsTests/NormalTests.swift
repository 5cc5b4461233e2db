import Foundation
import Tensors
import Testing

/// Normal numbers against the error function.
@Suite struct NormalTests {
  /// Φ(Φ⁻¹(p)) = p, in both tails and between.
  @Test func quantiles() {
    let words: [UInt32] = [
      0, 1, 1000, 65_536, 1_000_000, 268_435_456, 1_073_741_824, 2_147_483_648, 3_221_225_472, 4_293_918_719, .max,
    ]
    for word in words {
      let p: Double = (Double(word) + 0.5) / 4_294_967_296
      let x: Double = Double(RandomStream.normal(word))
      // The smaller of the two probabilities, so that nothing cancels.
      let tail: Double = 0.5 * erfc(abs(x) / 2.0.squareRoot())
      let expected: Double = min(p, 1 - p)
      #expect(abs(tail / expected - 1) < 1e-5, "\(word)")
      #expect((x < 0) == (p < 0.5) || abs(x) < 1e-6)
    }
  }

  @Test func moments() {
    let stream = RandomStream(seed: 4, purpose: .test)
    let count = 200_000
    let numbers = (0..<count).map { Double(RandomStream.normal(stream.word(at: $0))) }
    let mean = numbers.reduce(0, +) / Double(count)
    let variance = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
    let fourth = numbers.reduce(0) { $0 + pow($1 - mean, 4) } / Double(count)
    #expect(abs(mean) < 0.01 && abs(variance - 1) < 0.02 && abs(fourth - 3) < 0.15)
  }
}
