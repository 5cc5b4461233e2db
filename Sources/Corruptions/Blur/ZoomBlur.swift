// The mean of the picture and of itself enlarged by 1, 1.01, 1.02, ...

/// The blur of a camera that comes nearer.
struct ZoomBlur: Corruption {
  static let name = "zoom_blur"
  static let summary = "coming nearer while it was taken"
  static let number = 8
  private let counts = [7, 12, 16, 21, 26]

  func corrupt(_ image: ByteImage, severity: Int, _ draws: Draws) -> ByteImage {
    let x = image.plane
    let count = counts[severity - 1]
    var sum = x
    // The step that numpy.arange(1, ..., 0.01) makes.
    let step = 1.01 - 1
    for i in 0..<count {
      let zoomed = x.zoomed(by: 1 + Double(i) * step)
      for j in sum.values.indices { sum.values[j] += zoomed.values[j] }
    }
    return sum.map { $0 / Double(count + 1) }.image
  }
}
