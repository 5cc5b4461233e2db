// Textures of frost made by the program: crystals of needles with side needles at 60 degrees, over veils of ice; about as
// bright as the authors' pictures (means of 0.4 to 0.8). Addressed by the number of the texture; the same on every machine.

/// Pictures of ice.
enum FrostCrystals {
  /// How bright each is without ice.
  private static let grounds = [0.35, 0.6, 0.6, 0.4, 0.2]

  /// One of the five textures.
  static func texture(height: Int, width: Int, number: Int) -> ByteImage {
    let draws = Draws(seed: 0, corruption: Frost.number, severity: 0, example: number)
    var ice = Plane(height: height, width: width) { _, _, _ in 0 }
    // A crystal on every 300 pixels or so.
    for crystal in 0..<max(4, height * width / 300) {
      func draw(_ position: Int, _ range: ClosedRange<Double>) -> Double {
        draws.uniform(range, at: position, field: 8 + crystal)
      }
      let centre = (x: draw(0, 0...Double(width)), y: draw(1, 0...Double(height)))
      let turn = draw(2, -90...90)
      for arm in 0..<3 + Int(draw(3, 0...4)) {
        let angle = wrapped(turn + 60 * Double(arm) + draw(4 + 2 * arm, -8...8))
        grow(&ice, from: centre, angle, length: draw(5 + 2 * arm, 6...22), bright: draw(20, 0.45...1), depth: 2)
      }
    }
    var size = 2
    while size < max(height, width) { size *= 2 }
    let veil = Plasma.plane(
      size: size, decay: 2.2, noise: draws.uniform(-1...1, height: size, width: size, field: 1))
    let grain = draws.uniform(-0.12...0.12, height: height, width: width, field: 2)
    return Plane(height: height, width: width, channels: 3) { y, x, c in
      let value = grounds[number] + 0.3 * veil[y, x] + 0.5 * ice[y, x] + grain[y, x]
      // Blue in the shade, white in the light.
      return min(1, value) + [-0.12, 0, 0.06][c] * (1 - min(1, value))
    }.image
  }

  /// Draws a needle, and shorter ones at 60 degrees from it.
  private static func grow(
    _ ice: inout Plane, from start: (x: Double, y: Double), _ degrees: Double, length: Double, bright: Double,
    depth: Int
  ) {
    let (cosine, sine) = Direction.unit(degrees: degrees)
    for step in 0...Int(length) {
      let part = Double(step) / length
      let at = (x: start.x + Double(step) * cosine, y: start.y + Double(step) * sine)
      dot(&ice, at, bright * (1 - 0.7 * part))
      if depth > 0, step % 4 == 3 {
        for side in [-60.0, 60] {
          grow(
            &ice, from: at, wrapped(degrees + side), length: 0.45 * length * (1 - part), bright: 0.8 * bright,
            depth: depth - 1)
        }
      }
    }
  }

  /// Lightens the four pixels around a point, each by how near it is.
  private static func dot(_ ice: inout Plane, _ at: (x: Double, y: Double), _ bright: Double) {
    let (left, top) = (at.x.rounded(.down), at.y.rounded(.down))
    for (y, v) in [(top, 1 - (at.y - top)), (top + 1, at.y - top)] {
      for (x, u) in [(left, 1 - (at.x - left)), (left + 1, at.x - left)] {
        guard x >= 0, y >= 0, Int(x) < ice.width, Int(y) < ice.height else { continue }
        ice[Int(y), Int(x)] = max(ice[Int(y), Int(x)], bright * u * v)
      }
    }
  }

  /// An angle as one of -180 ... 180.
  private static func wrapped(_ degrees: Double) -> Double { degrees - 360 * (degrees / 360).rounded() }
}
