// V + c, clipped to [0, 1], hue and saturation kept.

/// More light.
struct Brightness: Corruption {
  static let name = "brightness"
  static let summary = "more light"
  static let number = 11
  private let additions = [0.05, 0.1, 0.15, 0.2, 0.3]

  func corrupt(_ image: ByteImage, severity: Int, _ draws: Draws) -> ByteImage {
    let c = additions[severity - 1]
    return image.plane.mapColours { $0.value = min(1, max(0, $0.value + c)) }.image
  }
}
