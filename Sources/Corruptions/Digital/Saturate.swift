// S·c0 + c1, clipped to [0, 1], hue and value kept: paler at the first two severities, gaudier at the others.

/// Paler or stronger colours.
struct Saturate: Corruption {
  static let name = "saturate"
  static let summary = "paler or stronger colours"
  static let number = 17
  private let changes = [(0.3, 0.0), (0.1, 0), (1.5, 0), (2, 0.1), (2.5, 0.2)]

  func corrupt(_ image: ByteImage, severity: Int, _ draws: Draws) -> ByteImage {
    let (factor, addition) = changes[severity - 1]
    return image.plane.mapColours { $0.saturation = min(1, max(0, $0.saturation * factor + addition)) }.image
  }
}
