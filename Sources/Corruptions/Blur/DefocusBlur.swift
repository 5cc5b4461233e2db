// A disk x² + y² <= r², in sum 1, its edge softened by a Gaussian of 3 x 3, as filter.

/// The blur of a lens out of focus.
struct DefocusBlur: Corruption {
  static let name = "defocus_blur"
  static let summary = "out of focus, as a lens is"
  static let number = 5
  /// By severity.
  private let kernels = [(0.3, 0.4), (0.4, 0.5), (0.5, 0.6), (1, 0.2), (1.5, 0.1)].map {
    Self.disk(radius: $0, soft: $1)
  }

  func corrupt(_ image: ByteImage, severity: Int, _ draws: Draws) -> ByteImage {
    image.plane.filtered(kernels[severity - 1]).image
  }

  /// The weights, with room for the soft edge.
  private static func disk(radius: Double, soft: Double) -> [[Double]] {
    // Beyond the soft edge a line of zeros, lest it be mirrored.
    let reach = Int(radius) + 2
    let side = 2 * reach + 1
    let disk = Plane(height: side, width: side) { y, x, _ in
      let (v, u) = (y - reach, x - reach)
      return Double(u * u + v * v) <= radius * radius ? 1 : 0
    }
    let sum = disk.values.reduce(0, +)
    let weights = Plane.gaussian(sigma: soft, radius: 1)
    let kernel = disk.map { $0 / sum }.filtered(weights.map { outer in weights.map { outer * $0 } })
    return (0..<side).map { y in (0..<side).map { kernel[y, $0] } }
  }
}
