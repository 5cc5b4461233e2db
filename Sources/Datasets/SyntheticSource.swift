// Images made by the program itself from the seed: image i shows class i mod 10 in random place, size, tilt and
// colour before an uneven background, under noise.
//
// Everything is addressed by (seed, training or test, i). Only + - * / and square roots are used, which IEEE 754 fixes
// to the last bit: the set is the same on every machine.

import Tensors

/// The built-in set: ten classes, some of them hard to tell apart on purpose.
package enum SyntheticSource: DatasetSource {
  package static let name = "synthetic"
  package static let summary = "made from the seed by the program itself: 10 classes, any number of images of any size"

  package static func recognizes(_ directory: String) -> Bool { false }

  package static func extent(_ request: DatasetRequest) throws -> DatasetExtent {
    try request.check()
    return DatasetExtent(
      height: request.size, width: request.size, classCount: SyntheticShape.allCases.count,
      train: request.part == .test ? 0 : min(request.trainCount, request.limitTrain ?? .max),
      test: min(request.testCount, request.limitTest ?? .max))
  }

  package static func load(_ request: DatasetRequest) throws -> Dataset {
    let extent = try extent(request)
    return Dataset(
      name: name, classNames: SyntheticShape.allCases.map { "\($0)" },
      train: images(count: extent.train, request, part: 0), test: images(count: extent.test, request, part: 1))
  }

  package static func measuredStatistics(_ request: DatasetRequest) -> ChannelStatistics? {
    ChannelStatistics(
      measuring: images(count: min(request.trainCount, request.limitTrain ?? .max), request, part: 0))
  }

  /// Images 0 ..< count of part 0, training, or 1, test.
  private static func images(count: Int, _ request: DatasetRequest, part: Int) -> LabeledImages {
    let shapes = SyntheticShape.allCases
    let size = request.size
    let gap = Float(request.hueGap)
    let bytes = size * size * 3
    let pixels = [UInt8](unsafeUninitializedCapacity: count * bytes) { pixels, filled in
      for i in 0..<count {
        let stream = RandomStream(seed: request.seed, purpose: .syntheticData, epoch: part, example: i)
        paint(shapes[i % shapes.count], stream, size: size, gap: gap, to: pixels.baseAddress! + i * bytes)
      }
      filled = count * bytes
    }
    let labels = (0..<count).map { Int32($0 % shapes.count) }
    return LabeledImages(height: size, width: size, pixels: pixels, labels: labels)
  }

  /// Paints one image of size x size x 3 bytes. Coordinates go from -1 to 1 over the image.
  private static func paint(
    _ shape: SyntheticShape, _ stream: RandomStream, size: Int, gap: Float, to pixels: UnsafeMutablePointer<UInt8>
  ) {
    func draw(_ position: Int, _ range: ClosedRange<Float>) -> Float {
      range.lowerBound + (range.upperBound - range.lowerBound) * stream.uniform(at: position)
    }
    let radius = draw(0, 0.45...0.75)
    let centre = SIMD2(draw(1, -1...1), draw(2, -1...1)) * (0.95 - radius)
    // The tilt by its tangent: up to 12 degrees.
    let tangent = draw(3, -0.21...0.21)
    let cosine = 1 / (1 + tangent * tangent).squareRoot()
    let sine = tangent * cosine
    let colour = rgb(
      hue: shape.hue + shape.side * gap / 2 + draw(4, -0.03...0.03), saturation: draw(5, 0.5...0.85),
      value: draw(6, 0.65...0.95))
    let ground = rgb(hue: draw(7, 0...1), saturation: draw(8, 0...0.2), value: draw(9, 0.2...0.6))
    let slope = SIMD2(draw(10, -0.12...0.12), draw(11, -0.12...0.12))
    let hole = draw(12, 0.45...0.95)
    let noise = draw(13, 0.03...0.10)
    let firstNoiseBlock = 4

    for y in 0..<size {
      for x in 0..<size {
        let at = SIMD2(Float(2 * x + 1), Float(2 * y + 1)) / Float(size) - 1
        let from = (at - centre) / radius
        let coverage = shape.coverage(
          u: cosine * from.x + sine * from.y, v: cosine * from.y - sine * from.x,
          pixel: 2 / (Float(size) * radius), hole: hole)
        var pixel = ground + (colour - ground) * coverage
        pixel += slope.x * at.x + slope.y * at.y
        // A word gives the sum of two uniform numbers: a triangle over (-1, 1).
        let words = stream.words(block: firstNoiseBlock + y * size + x)
        for c in 0..<3 {
          let sum = Float((words[c] >> 16) + (words[c] & 0xFFFF)) / 65_536 - 1
          let value = min(1, max(0, pixel[c] + noise * sum))
          pixels[(y * size + x) * 3 + c] = UInt8(value * 255 + 0.5)
        }
      }
    }
  }

  /// A colour in [0, 1] from its hue (periodic, 0 is red), saturation and value.
  private static func rgb(hue: Float, saturation: Float, value: Float) -> SIMD3<Float> {
    let h = 6 * (hue - hue.rounded(.down))
    // Each channel is full over a third of the wheel and falls off linearly over a sixth on both sides.
    func channel(_ middle: Float) -> Float {
      let distance = min(abs(h - middle), 6 - abs(h - middle))
      return value * (1 - saturation * (1 - min(1, max(0, 2 - distance))))
    }
    return SIMD3(channel(0), channel(2), channel(4))
  }
}
