// A turn about the middle by an angle φ ~ U(−d, d), as torchvision's RandomRotation(d) does with PIL images, byte for byte: the
// pixel (x, y) of the result, counted from the centre of the image at half pixels, is the nearest one to
//
//   (x cos φ − y sin φ, x sin φ + y cos φ)      counter-clockwise, y down
//
// in fixed point of 2^-16, and black where there is none. Rice et al. (2020) turn CIFAR-100 by up to 15 degrees.

import Options
import Tensors

/// A small turn.
package struct Rotation: AugmentationStep {
  /// d, above 0, in degrees.
  package let most: Double

  package init(_ most: Double) { self.most = most }

  /// φ in degrees.
  package func angle(_ address: AugmentationAddress) -> Double {
    mix(-most, most, address.stream(.rotation).word(at: 0))
  }

  package func change(_ canvas: AugmentationCanvas, _ address: AugmentationAddress) {
    Self.turn(canvas, by: angle(address))
  }

  /// Turns by an angle in degrees, in -180 ... 180.
  package static func turn(_ canvas: AugmentationCanvas, by degrees: Double) {
    let (height, width) = (canvas.height, canvas.width)
    let (sine, cosine) = sineAndCosine(degrees * (Double.pi / 180))
    let (cx, cy) = (Double(width) / 2, Double(height) / 2)
    // x' = cos x − sin y + e, y' = sin x + cos y + f, at the middle of the first pixel.
    let e = cx - cosine * cx + sine * cy + 0.5 * (cosine - sine)
    let f = cy - sine * cx - cosine * cy + 0.5 * (sine + cosine)
    let (c, s) = (fixed(cosine), fixed(sine))
    let n = fixed(-sine)
    var (firstX, firstY) = (fixed(e), fixed(f))
    var to = canvas.spare
    for _ in 0..<height {
      var (x, y) = (firstX, firstY)
      for _ in 0..<width {
        let (column, row) = (x >> 16, y >> 16)
        if column >= 0 && column < width && row >= 0 && row < height {
          to.update(from: canvas.pixels + (row * width + column) * 3, count: 3)
        } else {
          to.update(repeating: 0, count: 3)
        }
        to += 3
        x += c
        y += s
      }
      firstX += n
      firstY += c
    }
    canvas.swap()
  }

  private static func fixed(_ x: Double) -> Int { Int((x * 65536 + 0.5).rounded(.down)) }

  /// Both for |x| <= π, by their Taylor series to degree 33 (remainder below 1e-20), with the same bits on every CPU.
  private static func sineAndCosine(_ x: Double) -> (Double, Double) {
    var (sine, cosine) = (1.0, 1.0)
    for degree in stride(from: 33.0, through: 3, by: -2) { sine = 1 - sine * x * x / (degree * (degree - 1)) }
    for degree in stride(from: 32.0, through: 2, by: -2) { cosine = 1 - cosine * x * x / (degree * (degree - 1)) }
    return (x * sine, cosine)
  }
}

extension AugmentationPart {
  static let rotation = AugmentationPart([
    PartOption(
      "augmentation.rotation", .real(0...180), "0",
      "turn by up to so many degrees to either side, black around; 0: none")
  ]) { values in
    let most = values.real("augmentation.rotation").value
    return most > 0 ? Rotation(most) : nil
  }
}
