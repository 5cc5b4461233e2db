// What the first layer makes of a pixel p of channel c:  x = (p − μ_c) / σ_c.
//
// Part of a model like its weights: they were trained behind these constants and mean nothing behind others, whatever
// images are at hand.

/// Mean and deviation of red, green, blue, in units of pixels in [0, 1].
package struct Normalisation: BitwiseCopyable, Equatable, Sendable {
  /// μ; finite.
  package let mean: SIMD3<Float>
  /// σ; finite and positive.
  package let deviation: SIMD3<Float>

  /// nil where there are not three finite means and three finite deviations above 0, of which 1/σ and μ/σ are finite too.
  package init?(mean: [Float], deviation: [Float]) {
    guard mean.count == 3, deviation.count == 3,
      zip(mean, deviation).allSatisfy({ $1 > 0 && $1.isFinite && ($0 / $1).isFinite && (1 / $1).isFinite })
    else { return nil }
    self.mean = SIMD3(mean)
    self.deviation = SIMD3(deviation)
  }

  private init() {
    mean = .zero
    deviation = .one
  }

  /// x = p.
  package static let identity = Normalisation()

  /// 1/σ_c.
  package func scale(_ channel: Int) -> Float { 1 / deviation[channel] }
  /// −μ_c/σ_c.
  package func shift(_ channel: Int) -> Float { -mean[channel] / deviation[channel] }
}

extension Normalisation: CustomStringConvertible {
  /// μ and σ as text; the digits give back every bit.
  package var meanText: String { Self.text(mean) }
  package var deviationText: String { Self.text(deviation) }

  package var description: String { "mean \(meanText), deviation \(deviationText)" }

  /// Reads what `meanText` and `deviationText` wrote; nil for anything else.
  package init?(meanText: String, deviationText: String) {
    guard let mean = Self.numbers(meanText), let deviation = Self.numbers(deviationText) else { return nil }
    self.init(mean: mean, deviation: deviation)
  }

  /// A list in JSON.
  private static func text(_ values: SIMD3<Float>) -> String { "[\(values[0]), \(values[1]), \(values[2])]" }

  private static func numbers(_ text: String) -> [Float]? {
    guard text.hasPrefix("["), text.hasSuffix("]") else { return nil }
    let words = text.dropFirst().dropLast().split(separator: ",", omittingEmptySubsequences: false)
    let numbers = words.compactMap { word in Float(word.filter { $0 != " " }) }
    return numbers.count == words.count ? numbers : nil
  }
}
