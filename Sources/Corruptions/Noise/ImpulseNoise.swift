// Each number is lost with probability c, half of the lost ones to 1, half to 0 (salt and pepper, each channel on its own).

/// Impulse noise.
struct ImpulseNoise: Corruption {
  static let name = "impulse_noise"
  static let summary = "salt and pepper, each colour on its own"
  static let number = 3
  private let shares = [0.01, 0.02, 0.03, 0.05, 0.07]

  func corrupt(_ image: ByteImage, severity: Int, _ draws: Draws) -> ByteImage {
    let lost = shares[severity - 1] * 0x1p32
    var image = image
    draws.stream().forEachWord(image.bytes.count) { i, word in
      guard Double(word) < lost else { return }
      image.bytes[i] = Double(word) < lost / 2 ? 255 : 0
    }
    return image
  }
}
