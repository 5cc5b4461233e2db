// The ten things that the synthetic images show.
//
// Three pairs share a colour, or nearly so, and differ by a weaker cue, so that fairness has something to do: a ring is a
// disc with a pale hole, a diamond a square on its corner, a saltire a plus turned by 45 degrees.

/// A class of the synthetic set; the raw value is its label.
enum SyntheticShape: Int, CaseIterable, Sendable {
  case disc, ring, square, diamond, plus, saltire, triangle, stripes, bars, checkers

  /// The middle of its colours on the wheel of hues, [0, 1).
  var hue: Float {
    switch self {
    case .disc, .ring: 0.00
    case .square, .diamond: 0.14
    case .triangle: 0.30
    case .plus, .saltire: 0.46
    case .stripes: 0.58
    case .bars: 0.72
    case .checkers: 0.86
    }
  }

  /// To which side of that middle a shape moves that looks like another one; 0 for the others.
  var side: Float {
    switch self {
    case .disc, .square, .plus: -1
    case .ring, .diamond, .saltire: 1
    case .triangle, .stripes, .bars, .checkers: 0
    }
  }

  /// How much of the pixel at (u, v) has the shape's colour, in [0, 1].
  ///
  /// - Parameters:
  ///   - u: to the right, in units of the shape's radius from its centre.
  ///   - v: downwards.
  ///   - pixel: the size of a pixel in these units; edges are that wide.
  ///   - hole: how empty the ring's hole is, in [0, 1].
  func coverage(u: Float, v: Float, pixel: Float, hole: Float) -> Float {
    /// Inside where the distance from the border is negative.
    func inside(_ distance: Float) -> Float { min(1, max(0, 0.5 - distance / pixel)) }
    /// A wave of period 1 between -1 and 1.
    func wave(_ t: Float) -> Float { 4 * abs(t - t.rounded(.down) - 0.5) - 1 }
    let radius = (u * u + v * v).squareRoot()
    // The axes turned by 45 degrees.
    let (p, q) = ((u + v) * 0.70710678, (u - v) * 0.70710678)
    func cross(_ a: Float, _ b: Float) -> Float { min(max(a - 0.34, b - 1), max(b - 0.34, a - 1)) }
    switch self {
    case .disc: return inside(radius - 1)
    case .ring: return inside(radius - 1) - hole * inside(radius - 0.55)
    case .square: return inside(max(abs(u), abs(v)) - 0.86)
    case .diamond: return inside(max(abs(p), abs(q)) - 0.86)
    case .plus: return inside(cross(abs(u), abs(v)))
    case .saltire: return inside(cross(abs(p), abs(q)))
    case .triangle: return inside(max(v - 0.62, 0.8660254 * abs(u) - 0.5 * v - 0.56))
    // Distance from a border is a quarter period per unit of the wave.
    case .stripes: return inside(wave(v) / 4)
    case .bars: return inside(wave(u) / 4)
    case .checkers:
      let (a, b) = (inside(wave(u / 1.4) * 0.35), inside(wave(v / 1.4) * 0.35))
      return a + b - 2 * a * b
    }
  }
}
