// The 1D transforms of a 3x3 convolution of stride 2, along one axis of one of its phases: two taps by F(4, 2) with the
// points 0, 1, −1, 2, ∞, or one tap, which needs none.
//
//        | 2  −1  −2   1   0 |        |  1/2    0  |
//        | 0  −2  −1   1   0 |        | −1/2  −1/2 |        | 1   1   1   1   0 |
//   Bᵀ = | 0   2  −3   1   0 |    G = | −1/6   1/6 |   Aᵀ = | 0   1  −1   2   0 |
//        | 0  −1   0   1   0 |        |  1/6   1/3 |        | 0   1   1   4   0 |
//        | 0   2  −1  −2   1 |        |   0     1  |        | 0   1  −1   8   1 |

/// One axis of a phase, on vectors of channels; a type, so that each of the four phases becomes code of its own.
protocol PhaseAxis {
  /// Whether a filter has two taps along this axis: five products for four outputs, and not four.
  static var isTwo: Bool { get }
  /// Bᵀ d.
  static func input(_ d: Five) -> Five
  /// Aᵀ m.
  static func output(_ m: Five) -> Four
  /// G g.
  static func filter(_ first: Vector, _ last: Vector) -> Five
}

typealias Four = (Vector, Vector, Vector, Vector)
/// One tap leaves the last one zero, and nobody reads it.
typealias Five = (Vector, Vector, Vector, Vector, Vector)

extension PhaseAxis {
  static var products: Int { isTwo ? 5 : 4 }

  /// What `make` gives for each product.
  @inline(__always)
  static func each(_ make: (Int) -> Vector) -> Five { (make(0), make(1), make(2), make(3), isTwo ? make(4) : .zero) }
}

/// Two taps, by F(4, 2).
enum TwoTaps: PhaseAxis {
  static var isTwo: Bool { true }

  @inline(__always)
  static func input(_ d: Five) -> Five {
    let two = Vector(repeating: 2)
    let minusTwo = Vector(repeating: -2)
    // x³ − 2x² − x + 2,  x³ − x² − 2x,  x³ − 3x² + 2x,  x³ − x,  x⁴ − 2x³ − x² + 2x.
    let difference = d.3 - d.1
    return (
      difference.plus(two, times: d.0 - d.2), (d.3 - d.2).plus(minusTwo, times: d.1),
      d.3.plus(two, times: d.1).plus(Vector(repeating: -3), times: d.2), difference,
      (d.4 - d.2).plus(minusTwo, times: difference)
    )
  }

  @inline(__always)
  static func output(_ m: Five) -> Four {
    let sum = m.1 + m.2
    let difference = m.1 - m.2
    return (
      m.0 + sum + m.3, difference.plus(Vector(repeating: 2), times: m.3), sum.plus(Vector(repeating: 4), times: m.3),
      difference.plus(Vector(repeating: 8), times: m.3) + m.4
    )
  }

  @inline(__always)
  static func filter(_ first: Vector, _ last: Vector) -> Five {
    (
      first * Vector(repeating: 0.5), (first + last) * Vector(repeating: -0.5),
      (last - first) * Vector(repeating: 1 / 6),
      (first * Vector(repeating: 1 / 6)).plus(Vector(repeating: 1 / 3), times: last), last
    )
  }
}

/// One tap: the values as they are.
enum OneTap: PhaseAxis {
  static var isTwo: Bool { false }

  @inline(__always)
  static func input(_ d: Five) -> Five { d }

  @inline(__always)
  static func output(_ m: Five) -> Four { (m.0, m.1, m.2, m.3) }

  @inline(__always)
  static func filter(_ first: Vector, _ last: Vector) -> Five { (first, first, first, first, .zero) }
}
