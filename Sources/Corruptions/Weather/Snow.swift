// Flakes N(c0, c1), enlarged by c2, those below c3 gone, in 8 bits, moved (radius c4, σ c5, -135 to -45 degrees); the picture
// paler, c6·x + (1 - c6)·max(x, 1.5·grey + 0.5); then flakes, and the same flakes turned by 180 degrees, are added.

/// Snow.
struct Snow: Corruption {
  static let name = "snow"
  static let summary = "falling snow, and all paler"
  static let number = 9
  private typealias Shape = (
    mean: Double, deviation: Double, zoom: Double, least: Double, radius: Double, sigma: Double, keep: Double
  )
  private let shapes: [Shape] = [
    (0.1, 0.2, 1, 0.6, 8, 3, 0.95), (0.1, 0.2, 1, 0.5, 10, 4, 0.9), (0.15, 0.3, 1.75, 0.55, 10, 4, 0.9),
    (0.25, 0.3, 2.25, 0.6, 12, 6, 0.85), (0.3, 0.3, 1.25, 0.65, 14, 12, 0.8),
  ]

  func corrupt(_ image: ByteImage, severity: Int, _ draws: Draws) -> ByteImage {
    let shape = shapes[severity - 1]
    let x = image.plane
    let flakes = draws.normal(height: x.height, width: x.width)
      .map { shape.mean + shape.deviation * $0 }
      .zoomed(by: shape.zoom)
      .map { $0 < shape.least ? 0 : $0 }
    let fallen = Plane(height: x.height, width: x.width, values: flakes.bytes.map { Double($0) / 255 })
      .moved(radius: shape.radius, sigma: shape.sigma, degrees: draws.uniform(-135 ... -45, at: 0, field: 1))
    return Plane(height: x.height, width: x.width, channels: 3) { row, column, channel in
      let value = x[row, column, channel]
      let grey = 0.299 * x[row, column, 0] + 0.587 * x[row, column, 1] + 0.114 * x[row, column, 2]
      return shape.keep * value + (1 - shape.keep) * max(value, 1.5 * grey + 0.5) + fallen[row, column]
        + fallen[x.height - 1 - row, x.width - 1 - column]
    }.image
  }
}
