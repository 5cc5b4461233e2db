// Shrunk to a part of its size and enlarged again, by Pillow's box filter.
//
// Output i of k from n has its middle at (i + 1/2)·n/k and covers max(1, n/k) pixels: those whose middles lie in it, alike.
// Columns, then rows; 8 bits after each.

/// Large pixels.
struct Pixelate: Corruption {
  static let name = "pixelate"
  static let summary = "fewer pixels"
  static let number = 14
  private let parts = [0.95, 0.9, 0.85, 0.75, 0.65]

  func corrupt(_ image: ByteImage, severity: Int, _ draws: Draws) -> ByteImage {
    let part = parts[severity - 1]
    let small = Self.resized(
      image, height: Int(Double(image.height) * part), width: Int(Double(image.width) * part))
    return Self.resized(small, height: image.height, width: image.width)
  }

  private static func resized(_ image: ByteImage, height: Int, width: Int) -> ByteImage {
    let columns = boxes(from: image.width, to: width)
    let rows = boxes(from: image.height, to: height)
    func mean(_ box: Range<Int>, _ value: (Int) -> UInt8) -> UInt8 {
      // Halves are rounded up.
      UInt8((2 * box.reduce(0) { $0 + Int(value($1)) } + box.count) / (2 * box.count))
    }
    var wide = ByteImage(
      height: image.height, width: width, bytes: [UInt8](repeating: 0, count: image.height * width * 3))
    for y in 0..<image.height {
      for (x, box) in columns.enumerated() {
        for c in 0..<3 {
          wide.bytes[(y * width + x) * 3 + c] = mean(box) { image.bytes[(y * image.width + $0) * 3 + c] }
        }
      }
    }
    var result = ByteImage(height: height, width: width, bytes: [UInt8](repeating: 0, count: height * width * 3))
    for (y, box) in rows.enumerated() {
      for x in 0..<width {
        for c in 0..<3 {
          result.bytes[(y * width + x) * 3 + c] = mean(box) { wide.bytes[($0 * width + x) * 3 + c] }
        }
      }
    }
    return result
  }

  /// The pixels of n that each of k covers.
  private static func boxes(from n: Int, to k: Int) -> [Range<Int>] {
    let scale = Double(n) / Double(k)
    let half = max(1, scale) / 2
    return (0..<k).map { i in
      let middle = (Double(i) + 0.5) * scale
      let first = max(0, Int(middle - half + 0.5))
      // A pixel counts if its middle is above the lower end, at most at the upper one.
      let last = min(n, Int(middle + half + 0.5))
      let inside = (first..<last).filter { j in
        let distance = (Double(j) - middle + 0.5) / max(1, scale)
        return distance > -0.5 && distance <= 0.5
      }
      return inside[0]..<inside[inside.count - 1] + 1
    }
  }
}
