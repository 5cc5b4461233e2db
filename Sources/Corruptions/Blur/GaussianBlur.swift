// A Gaussian filter, the edges repeated.

/// Gaussian blur.
struct GaussianBlur: Corruption {
  static let name = "gaussian_blur"
  static let summary = "out of focus, softly"
  static let number = 6
  private let deviations = [0.4, 0.6, 0.7, 0.8, 1]

  func corrupt(_ image: ByteImage, severity: Int, _ draws: Draws) -> ByteImage {
    image.plane.blurred(sigma: deviations[severity - 1]).image
  }
}
