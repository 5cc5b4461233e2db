// Drops where a smooth random layer L = gaussian(N(c0, c1), σ c2) is above c3: water at the first three severities, mud at the others.
//
// Water: L in 8 bits; distances from its edges (Canny 50, 150), at most 20, blurred 3 x 3, equalised, embossed, blurred again; the
// product of both, its greatest made c4, in pale turquoise is added. Mud: 1[L > c3] blurred (σ c4), zero below 0.8, covers.

/// Spattered with water or mud.
struct Spatter: Corruption {
  static let name = "spatter"
  static let summary = "drops of water or mud"
  static let number = 16
  private typealias Shape = (
    mean: Double, deviation: Double, sigma: Double, least: Double, strength: Double, isMud: Bool
  )
  private let shapes: [Shape] = [
    (0.62, 0.1, 0.7, 0.7, 0.5, false), (0.65, 0.1, 0.8, 0.7, 0.5, false), (0.65, 0.3, 1, 0.69, 0.5, false),
    (0.65, 0.1, 0.7, 0.69, 0.6, true), (0.65, 0.1, 0.5, 0.68, 0.6, true),
  ]
  private static let water = [175.0 / 255, 238.0 / 255, 238.0 / 255]
  private static let mud = [63.0 / 255, 42.0 / 255, 20.0 / 255]

  func corrupt(_ image: ByteImage, severity: Int, _ draws: Draws) -> ByteImage {
    let shape = shapes[severity - 1]
    let x = image.plane
    let layer = draws.normal(height: x.height, width: x.width)
      .map { shape.mean + shape.deviation * $0 }
      .blurred(sigma: shape.sigma)
      .map { $0 < shape.least ? 0 : $0 }
    if shape.isMud {
      let mask = layer.map { $0 > shape.least ? 1 : 0 }.blurred(sigma: shape.strength).map { $0 < 0.8 ? 0 : $0 }
      return Plane(height: x.height, width: x.width, channels: 3) { row, column, channel in
        x[row, column, channel] * (1 - mask[row, column]) + mask[row, column] * Self.mud[channel]
      }.image
    }
    let mask = Self.drops(BytePlane(wrapping: layer)).map { shape.strength * $0 }
    return Plane(height: x.height, width: x.width, channels: 3) { row, column, channel in
      x[row, column, channel] + mask[row, column] * Self.water[channel]
    }.image
  }

  /// How bright drops of water are, the brightest pixel 1; all 0 where there are none.
  static func drops(_ layer: BytePlane) -> Plane {
    let distances = DistanceTransform.distances(
      height: layer.height, width: layer.width, to: layer.edges(low: 50, high: 150), most: 20
    ).map { min($0, 20) }
    let means = distances.filtered(BytePlane.ones)
    let relief = BytePlane(height: layer.height, width: layer.width, bytes: means.values.map { UInt8($0 / 9) })
      .equalised.filtered([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]]).blurred
    let product = Plane(
      height: layer.height, width: layer.width, values: zip(layer.bytes, relief.bytes).map { Double($0) * Double($1) })
    let greatest = product.values.max() ?? 0
    return greatest > 0 ? product.map { $0 / greatest } : product
  }
}
