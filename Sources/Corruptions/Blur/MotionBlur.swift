// Motion in a direction of -45 to 45 degrees.

/// Motion blur.
struct MotionBlur: Corruption {
  static let name = "motion_blur"
  static let summary = "moved while it was taken"
  static let number = 7
  private let shapes = [(6.0, 1.0), (6, 1.5), (6, 2), (8, 2), (9, 2.5)]

  func corrupt(_ image: ByteImage, severity: Int, _ draws: Draws) -> ByteImage {
    let (radius, sigma) = shapes[severity - 1]
    return image.plane.moved(
      radius: radius, sigma: sigma, degrees: draws.uniform(-45...45, at: 0, field: 0)
    ).image
  }
}
