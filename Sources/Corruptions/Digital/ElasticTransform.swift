// Three points move by U(-c2, c2) in each coordinate, and the picture with them (affine, mirrored at the edges); then each pixel
// is taken from elsewhere, by fields gaussian(U(-1, 1), c1)·c0 down and to the right. Bilinear both times.

/// Stretched as rubber.
struct ElasticTransform: Corruption {
  static let name = "elastic_transform"
  static let summary = "stretched as rubber"
  static let number = 13
  private let shapes = [(0, 0, 2.56), (1.6, 6.4, 2.24), (2.56, 1.92, 1.92), (3.2, 1.28, 1.6), (3.2, 0.96, 0.96)]

  func corrupt(_ image: ByteImage, severity: Int, _ draws: Draws) -> ByteImage {
    let (amplitude, sigma, jitter) = shapes[severity - 1]
    let x = image.plane
    let moves = (0..<6).map { draws.uniform(-jitter...jitter, at: $0, field: 0) }
    let turned = Self.moved(x, by: moves)
    guard amplitude > 0 else { return turned.image }
    func field(_ number: Int) -> Plane {
      draws.uniform(-1...1, height: x.height, width: x.width, field: number)
        .blurred(sigma: sigma, border: .reflect, truncate: 3).map { amplitude * $0 }
    }
    let (right, down) = (field(1), field(2))
    return Plane(height: x.height, width: x.width, channels: 3) { row, column, channel in
      turned.interpolated(
        Double(row) + down[row, column], Double(column) + right[row, column], channel, border: .reflect)
    }.image
  }

  /// The picture after the affine map that moves the three points by (x, y) each.
  private static func moved(_ image: Plane, by moves: [Double]) -> Plane {
    let (u, v) = (Double(image.width / 2), Double(image.height / 2))
    let reach = Double(min(image.height, image.width) / 3)
    let p = [SIMD2(u + reach, v + reach), SIMD2(u + reach, v - reach), SIMD2(u - reach, v - reach)]
    let q = p.indices.map { p[$0] + SIMD2(moves[2 * $0], moves[2 * $0 + 1]) }
    // A point of the result is q2 + s·(q0 - q2) + t·(q1 - q2), and comes from the same s and t among the p.
    let (a, b) = (q[0] - q[2], q[1] - q[2])
    let determinant = a.x * b.y - a.y * b.x
    return Plane(height: image.height, width: image.width, channels: image.channels) { row, column, channel in
      let d = SIMD2(Double(column), Double(row)) - q[2]
      let s = (d.x * b.y - d.y * b.x) / determinant
      let t = (a.x * d.y - a.y * d.x) / determinant
      let from = p[2] + s * (p[0] - p[2]) + t * (p[1] - p[2])
      return image.interpolated(from.y, from.x, channel, border: .mirror)
    }
  }
}

extension Plane {
  /// The number at a place between pixels.
  func interpolated(_ y: Double, _ x: Double, _ c: Int, border: Border) -> Double {
    let (top, left) = (y.rounded(.down), x.rounded(.down))
    let (v, u) = (y - top, x - left)
    let rows = (border.index(Int(top), in: height), border.index(Int(top) + 1, in: height))
    let columns = (border.index(Int(left), in: width), border.index(Int(left) + 1, in: width))
    return (1 - v) * ((1 - u) * self[rows.0, columns.0, c] + u * self[rows.0, columns.1, c])
      + v * ((1 - u) * self[rows.1, columns.0, c] + u * self[rows.1, columns.1, c])
  }
}
