// x + x·N(0, c), each number on its own: what is bright has more of it.

/// Speckle noise.
struct SpeckleNoise: Corruption {
  static let name = "speckle_noise"
  static let summary = "normal noise in proportion to the light"
  static let number = 4
  private let deviations = [0.06, 0.1, 0.12, 0.16, 0.2]

  func corrupt(_ image: ByteImage, severity: Int, _ draws: Draws) -> ByteImage {
    let c = deviations[severity - 1]
    var x = image.plane
    let noise = draws.normal(height: x.height, width: x.width, channels: 3)
    for i in x.values.indices { x.values[i] += x.values[i] * c * noise.values[i] }
    return x.image
  }
}
