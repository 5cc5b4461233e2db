// Colour jitter: brightness, contrast and saturation by a factor each, in a random order of the three, as torchvision's
// ColorJitter(c, c, c) does with PIL images, byte for byte. Each is the mixture  d + f·(x − d),  f ~ U(max(0, 1 − c), 1 + c), cut to a byte
// (towards 0), of the image x with
//
//   brightness  d = 0
//   contrast    d = the mean grey of the image, rounded
//   saturation  d = the grey of the pixel,  (19595 R + 38470 G + 7471 B + 2^15) / 2^16 rounded down (ITU-R 601-2)

import Options
import Tensors

/// Changes of brightness, contrast and saturation.
package struct ColourJitter: AugmentationStep {
  /// What is changed.
  package enum Property: CaseIterable, Sendable { case brightness, contrast, saturation }

  /// c, above 0.
  package let strength: Float

  package init(_ strength: Float) { self.strength = strength }

  /// The orders there are of the three.
  private static let orders: [[Property]] = [
    [.brightness, .contrast, .saturation], [.brightness, .saturation, .contrast],
    [.contrast, .brightness, .saturation], [.contrast, .saturation, .brightness],
    [.saturation, .brightness, .contrast], [.saturation, .contrast, .brightness],
  ]

  /// The order in which an example is changed.
  package func order(_ address: AugmentationAddress) -> [Property] {
    Self.orders[address.stream(.jitter).integer(below: Self.orders.count, at: 0)]
  }

  /// The factor of a property.
  package func factor(_ property: Property, _ address: AugmentationAddress) -> Float {
    let least = max(0, 1 - strength)
    let place =
      switch property {
      case .brightness: 1
      case .contrast: 2
      case .saturation: 3
      }
    return least + (1 + strength - least) * address.stream(.jitter).uniform(at: place)
  }

  package func change(_ canvas: AugmentationCanvas, _ address: AugmentationAddress) {
    for property in order(address) { Self.change(property, by: factor(property, address), canvas) }
  }

  /// Changes one property, in place.
  package static func change(_ property: Property, by factor: Float, _ canvas: AugmentationCanvas) {
    let pixels = canvas.pixels
    switch property {
    case .brightness:
      for i in 0..<canvas.count { pixels[i] = mixture(0, pixels[i], factor) }
    case .contrast:
      let count = canvas.height * canvas.width
      var sum = 0
      for pixel in 0..<count { sum += grey(pixels + 3 * pixel) }
      let mean = Int(Double(sum) / Double(count) + 0.5)
      for i in 0..<canvas.count { pixels[i] = mixture(mean, pixels[i], factor) }
    case .saturation:
      for pixel in 0..<canvas.height * canvas.width {
        let own = pixels + 3 * pixel
        let grey = grey(own)
        for c in 0..<3 { own[c] = mixture(grey, own[c], factor) }
      }
    }
  }

  private static func mixture(_ d: Int, _ x: UInt8, _ factor: Float) -> UInt8 {
    let value = Float(d) + factor * Float(Int(x) - d)
    return value <= 0 ? 0 : value >= 255 ? 255 : UInt8(value)
  }

  private static func grey(_ pixel: UnsafePointer<UInt8>) -> Int {
    (Int(pixel[0]) * 19595 + Int(pixel[1]) * 38470 + Int(pixel[2]) * 7471 + 0x8000) >> 16
  }
}

extension AugmentationPart {
  static let jitter = AugmentationPart([
    PartOption(
      "augmentation.jitter", .unit, "0", "colour jitter c: brightness, contrast, saturation by 1 - c ... 1 + c; 0: none"
    )
  ]) { values in
    let strength = values.real("augmentation.jitter").float
    return strength > 0 ? ColourJitter(strength) : nil
  }
}
