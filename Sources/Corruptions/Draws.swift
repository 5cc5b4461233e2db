// The random numbers of one corrupted picture: addressed by (seed, corruption, severity, index of the image, what they are
// for, position), with the same bits on every CPU. So a picture depends on nothing else: not on threads, ranks, how many
// images are taken or which other corruptions are made.

import Tensors

/// The random numbers of one picture.
package struct Draws: Sendable {
  private let seed: UInt64
  private let corruption: Int
  private let severity: Int
  private let example: Int

  package init(seed: UInt64, corruption: Int, severity: Int, example: Int) {
    self.seed = seed
    self.corruption = corruption
    self.severity = severity
    self.example = example
  }

  /// Numbers for one purpose within the corruption.
  func stream(_ field: Int = 0) -> RandomStream {
    RandomStream(
      seed: seed, purpose: .corruption, epoch: field, example: example, step: severity, variant: corruption)
  }

  /// Numbers in (-1, 1) or any other interval, one for each place of a plane.
  func uniform(_ range: ClosedRange<Double>, height: Int, width: Int, field: Int) -> Plane {
    var values = [Double](repeating: 0, count: height * width)
    stream(field).forEachWord(values.count) { i, word in values[i] = Self.uniform(word, range) }
    return Plane(height: height, width: width, values: values)
  }

  /// Standard normal numbers, one for each place of a plane.
  func normal(height: Int, width: Int, channels: Int = 1, field: Int = 0) -> Plane {
    var values = [Double](repeating: 0, count: height * width * channels)
    stream(field).forEachWord(values.count) { i, word in values[i] = Double(RandomStream.normal(word)) }
    return Plane(height: height, width: width, channels: channels, values: values)
  }

  /// One number of an interval.
  func uniform(_ range: ClosedRange<Double>, at position: Int, field: Int) -> Double {
    Self.uniform(stream(field).word(at: position), range)
  }

  private static func uniform(_ word: UInt32, _ range: ClosedRange<Double>) -> Double {
    range.lowerBound + (range.upperBound - range.lowerBound) * ((Double(word) + 0.5) * 0x1p-32)
  }
}
