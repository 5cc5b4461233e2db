// x + N(0, c), each number on its own.

/// Gaussian noise.
struct GaussianNoise: Corruption {
  static let name = "gaussian_noise"
  static let summary = "normal noise, alike everywhere"
  static let number = 1
  private let deviations = [0.04, 0.06, 0.08, 0.09, 0.10]

  func corrupt(_ image: ByteImage, severity: Int, _ draws: Draws) -> ByteImage {
    let c = deviations[severity - 1]
    var x = image.plane
    let noise = draws.normal(height: x.height, width: x.width, channels: 3)
    for i in x.values.indices { x.values[i] += c * noise.values[i] }
    return x.image
  }
}
