import Corruptions
import Foundation
import Testing

/// The noises whose numbers the authors' script draws within libraries, against what those do to the same picture
/// (`Tests/goldens/generate_noise.py`): not the draws, but how they are distributed.
@Suite struct DrawnNoiseTests {
  private struct Golden: Decodable {
    struct Noise: Decodable {
      /// Over the pictures, and from picture to picture.
      let mean: [Double], square: [Double], changed: [Double]
      /// How often bytes of 4 k ... 4 k + 3 came out.
      let bytes: [Double]
    }
    let pictures: Double
    let noises: [String: [Noise]]
  }

  private static let pictures = 300

  @Test(arguments: ["shot_noise", "impulse_noise"], Severity.all) func distribution(name: String, severity: Int) throws
  {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("goldens/noise.json")
    let golden = try JSONDecoder().decode(Golden.self, from: Data(contentsOf: file))
    let expected = try #require(golden.noises[name]?[severity - 1])
    let corruption = try #require(CorruptionCatalog.corruptions.first { $0.name == name })

    let original = GoldenTests.picture
    let size = Double(original.bytes.count)
    var figures: [[Double]] = [[], [], []]
    var bytes = [Double](repeating: 0, count: 64)
    for example in 0..<Self.pictures {
      let draws = Draws(seed: 3, corruption: corruption.number, severity: severity, example: example)
      let picture = try corruption.corrupt(original, severity: severity, draws).bytes
      let differences = zip(picture, original.bytes).map { Double($0) - Double($1) }
      figures[0].append(picture.reduce(0) { $0 + Double($1) } / size)
      figures[1].append(differences.reduce(0) { $0 + $1 * $1 } / size)
      figures[2].append(Double(differences.count { $0 != 0 }) / size)
      for byte in picture { bytes[Int(byte) / 4] += 1 }
    }

    // Means of both sides differ by five standard errors at most, and deviations of nearly normal figures likewise.
    let n = Double(Self.pictures), m = golden.pictures
    for (values, target) in zip(figures, [expected.mean, expected.square, expected.changed]) {
      let mean = values.reduce(0, +) / n
      let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (n - 1)).squareRoot()
      #expect(abs(mean - target[0]) < 5 * target[1] * (1 / n + 1 / m).squareRoot(), "\(mean) \(target)")
      #expect(abs(deviation / target[1] - 1) < 5 * (1 / (2 * n) + 1 / (2 * m)).squareRoot(), "\(deviation) \(target)")
    }
    // Two samples of one distribution: chi-square of 63 degrees of freedom, five deviations above its mean. Its bytes are of many
    // distributions, each with less variance than their mixture, so that it is rather too mild than too strict.
    var statistic = 0.0
    for (own, theirs) in zip(bytes, expected.bytes) where own + theirs > 0 {
      let difference = own * (m / n).squareRoot() - theirs * (n / m).squareRoot()
      statistic += difference * difference / (own + theirs)
    }
    #expect(statistic < 63 + 5 * 126.0.squareRoot(), "\(statistic)")
  }
}
