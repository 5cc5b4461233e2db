// Mean and standard deviation of each colour over all pixels of a set of images.
//
// With sums S1 = sum of b and S2 = sum of b^2 over the n bytes b of a channel:
//   mean = S1 / (255 n),   deviation = sqrt(n S2 - S1^2) / (255 n).
// The sums are exact integers, so the order of the images does not matter.

/// What the first layer of a network subtracts and divides by, in units of pixels in [0, 1].
package struct ChannelStatistics: Sendable, Equatable {
  /// Of red, green, blue.
  package let mean: [Float]
  /// Of red, green, blue; never 0 (a constant channel has 1 and is only centred).
  package let standardDeviation: [Float]

  package init(mean: [Float], standardDeviation: [Float]) {
    precondition(mean.count == 3 && standardDeviation.count == 3)
    self.mean = mean
    self.standardDeviation = standardDeviation
  }

  /// Those of the images themselves, computed in Double and rounded to Float at the end.
  package init(measuring images: LabeledImages) {
    var sums = ChannelSums()
    sums.add(images.pixels)
    self.init(sums)
  }

  /// Those of all pixels that were added up.
  init(_ sums: ChannelSums) {
    let n = Double(max(1, sums.count))
    mean = (0..<3).map { Float(Double(sums.values[$0]) / (255 * n)) }
    standardDeviation = (0..<3).map { c in
      let average = Double(sums.values[c]) / n
      let variance = Double(sums.squares[c]) / n - average * average
      return variance > 0 ? Float(variance.squareRoot() / 255) : 1
    }
  }
}

/// S1, S2 and n of some pixels; more can be added.
struct ChannelSums {
  private(set) var values = SIMD4<UInt64>.zero
  private(set) var squares = SIMD4<UInt64>.zero
  private(set) var count = 0

  /// Adds pixels, three bytes each.
  mutating func add(_ pixels: [UInt8]) {
    pixels.withUnsafeBufferPointer { pixels in
      for i in stride(from: 0, to: pixels.count, by: 3) {
        let rgb = SIMD4(UInt64(pixels[i]), UInt64(pixels[i + 1]), UInt64(pixels[i + 2]), 0)
        values &+= rgb
        squares &+= rgb &* rgb
      }
    }
    count += pixels.count / 3
  }
}
