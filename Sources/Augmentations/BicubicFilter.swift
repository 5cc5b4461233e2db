// Resizing as PIL's `resize(..., BICUBIC)` does, which torchvision calls for PIL images, byte for byte: Keys's cubic
//
//   f(x) = (a + 2)|x|³ − (a + 3)|x|² + 1             |x| < 1,     a = −1/2
//          a|x|³ − 5a|x|² + 8a|x| − 4a               1 ≤ |x| < 2
//
// of the pixels within two of the centre (i + ½) n/m of pixel i of m, weights divided by their sum and rounded to 2^-22; first
// along rows, then along columns, bytes in between. (PyTorch's own bicubic on tensors has a = −3/4.) A window that is smaller
// than the image is enlarged, so nothing is smoothed besides.

/// Keys's cubic in fixed point.
package enum BicubicFilter {
  private static let bits: Int32 = 22

  /// The pixels that one of the result is made of.
  private struct Taps {
    var first = 0
    var count = 0
    var weights = SIMD8<Int32>()

    /// - Parameters:
    ///   - i: of `m` pixels of the result.
    ///   - n: pixels there are, at most m.
    init(_ i: Int, of m: Int, from n: Int) {
      let centre = (Double(i) + 0.5) * (Double(n) / Double(m))
      first = max(0, Int(centre - 2 + 0.5))
      count = min(n, Int(centre + 2 + 0.5)) - first
      var values = SIMD8<Double>()
      var sum = 0.0
      for k in 0..<count {
        values[k] = Self.cubic(Double(first + k) - centre + 0.5)
        sum += values[k]
      }
      for k in 0..<count {
        let weight = values[k] / sum * Double(1 << BicubicFilter.bits)
        weights[k] = Int32(weight + (weight < 0 ? -0.5 : 0.5))
      }
    }

    private static func cubic(_ x: Double) -> Double {
      let (x, a) = (abs(x), -0.5)
      if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
      return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0
    }

    /// The pixel of one colour, of bytes `stride` apart.
    func value(_ from: UnsafePointer<UInt8>, stride: Int) -> UInt8 {
      var sum: Int32 = 1 << (BicubicFilter.bits - 1)
      for k in 0..<count { sum += Int32(from[(first + k) * stride]) * weights[k] }
      return UInt8(min(max(sum >> BicubicFilter.bits, 0), 255))
    }
  }

  /// Makes the image a window of itself, resized to its size.
  package static func resize(_ window: ResizedCrop.Window, of canvas: AugmentationCanvas) {
    let (height, width) = (canvas.height, canvas.width)
    // Rows of the window, each of the image's width: in the first rows of the spare image.
    for x in 0..<width {
      let taps = Taps(x, of: width, from: window.width)
      for y in 0..<window.height {
        let from = canvas.pixels + ((window.top + y) * width + window.left) * 3
        let to = canvas.spare + (y * width + x) * 3
        for c in 0..<3 { to[c] = taps.value(from + c, stride: 3) }
      }
    }
    canvas.swap()
    for y in 0..<height {
      let taps = Taps(y, of: height, from: window.height)
      let to = canvas.spare + y * width * 3
      for i in 0..<width * 3 { to[i] = taps.value(canvas.pixels + i, stride: width * 3) }
    }
    canvas.swap()
  }
}
