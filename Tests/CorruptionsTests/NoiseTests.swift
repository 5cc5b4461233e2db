import Corruptions
import Testing

/// The noises by their moments, on grey pictures that nothing clips.
@Suite struct NoiseTests {
  /// Mean and variance over many pictures of one grey, in units of white, less what cutting to bytes takes: half a step.
  private func moments(_ name: String, severity: Int, grey: UInt8) throws -> (mean: Double, variance: Double) {
    let corruption = try #require(CorruptionCatalog.corruptions.first { $0.name == name })
    let image = ByteImage(height: 32, width: 32, bytes: [UInt8](repeating: grey, count: 3072))
    var (count, sum, squares) = (0.0, 0.0, 0.0)
    for example in 0..<64 {
      let draws = Draws(seed: 1, corruption: corruption.number, severity: severity, example: example)
      for byte in try corruption.corrupt(image, severity: severity, draws).bytes {
        let value = (Double(byte) + 0.5) / 255
        (count, sum, squares) = (count + 1, sum + value, squares + value * value)
      }
    }
    let mean = sum / count
    return (mean, squares / count - mean * mean)
  }

  /// Five standard errors of a mean of 196,608, and of a variance of nearly normal numbers; rounding adds 1/12 of a step squared.
  private func expectMoments(
    _ found: (mean: Double, variance: Double), mean: Double, variance: Double, _ what: Comment
  ) {
    let n = 196_608.0
    #expect(abs(found.mean - mean) < 5 * (variance / n).squareRoot() + 0.25 / 255, what)
    #expect(abs(found.variance - variance - 1 / (12 * 255 * 255)) < 5 * variance * (2 / n).squareRoot() * 1.5, what)
  }

  @Test(arguments: Severity.all) func gaussian(severity: Int) throws {
    let c = [0.04, 0.06, 0.08, 0.09, 0.10][severity - 1]
    expectMoments(
      try moments("gaussian_noise", severity: severity, grey: 128), mean: 128 / 255, variance: c * c, "\(severity)")
  }

  @Test(arguments: Severity.all) func speckle(severity: Int) throws {
    let c = [0.06, 0.1, 0.12, 0.16, 0.2][severity - 1]
    let x = 102.0 / 255
    expectMoments(
      try moments("speckle_noise", severity: severity, grey: 102), mean: x, variance: x * x * c * c, "\(severity)")
  }

  @Test(arguments: Severity.all) func shot(severity: Int) throws {
    let c = [500.0, 250, 100, 75, 50][severity - 1]
    let x = 102.0 / 255
    let found = try moments("shot_noise", severity: severity, grey: 102)
    // Cutting is not quite half a step here: 250 counts on 255 bytes move together with it over many of them, 4 % of variance.
    #expect(abs(found.mean - x) < 0.6 / 255 + 5 * (x / c / 196_608).squareRoot())
    #expect(abs(found.variance / (x / c) - 1) < 0.05)
  }

  @Test(arguments: Severity.all) func impulse(severity: Int) throws {
    let c = [0.01, 0.02, 0.03, 0.05, 0.07][severity - 1]
    let corruption = try #require(CorruptionCatalog.corruptions.first { $0.name == "impulse_noise" })
    let image = ByteImage(height: 32, width: 32, bytes: [UInt8](repeating: 100, count: 3072))
    var counts = (black: 0, white: 0)
    for example in 0..<64 {
      let draws = Draws(seed: 1, corruption: corruption.number, severity: severity, example: example)
      let bytes = try corruption.corrupt(image, severity: severity, draws).bytes
      #expect(bytes.allSatisfy { [0, 100, 255].contains($0) })
      counts.black += bytes.count { $0 == 0 }
      counts.white += bytes.count { $0 == 255 }
    }
    let (n, p) = (196_608.0, c / 2)
    for count in [counts.black, counts.white] {
      #expect(abs(Double(count) - n * p) < 5 * (n * p * (1 - p)).squareRoot())
    }
  }
}
