// (x + c·clouds)·m/(m + c) with m the picture's greatest number.

/// Fog.
struct Fog: Corruption {
  static let name = "fog"
  static let summary = "clouds before the picture"
  static let number = 10
  private let shapes = [(0.2, 3), (0.5, 3), (0.75, 2.5), (1, 2), (1.5, 1.75)]

  func corrupt(_ image: ByteImage, severity: Int, _ draws: Draws) -> ByteImage {
    let (c, decay) = shapes[severity - 1]
    let x = image.plane
    var size = 2
    while size < max(x.height, x.width) { size *= 2 }
    let clouds = Plasma.plane(
      size: size, decay: decay, noise: draws.uniform(-1...1, height: size, width: size, field: 0))
    let greatest = x.values.max() ?? 0
    return Plane(height: x.height, width: x.width, channels: 3) { row, column, channel in
      (x[row, column, channel] + c * clouds[row, column]) * greatest / (greatest + c)
    }.image
  }
}
