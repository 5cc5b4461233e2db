// (x - m)·c + m with m the mean of each channel over the picture.

/// Less contrast.
struct Contrast: Corruption {
  static let name = "contrast"
  static let summary = "less contrast"
  static let number = 12
  private let factors = [0.75, 0.5, 0.4, 0.3, 0.15]

  func corrupt(_ image: ByteImage, severity: Int, _ draws: Draws) -> ByteImage {
    let c = factors[severity - 1]
    let x = image.plane
    var mean = [0.0, 0, 0]
    for (i, value) in x.values.enumerated() { mean[i % 3] += value }
    for channel in 0..<3 { mean[channel] /= Double(x.height * x.width) }
    return Plane(height: x.height, width: x.width, channels: 3) { (x[$0, $1, $2] - mean[$2]) * c + mean[$2] }.image
  }
}
