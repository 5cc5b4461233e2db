// The transforms of F(4x4, 3x3) with the points 0, ±1, ±2, ∞ (Lavin and Gray, CVPR 2016, arXiv:1509.09308).
//
//        | 4   0  −5   0   1   0 |        |  1/4     0      0  |
//        | 0  −4  −4   1   1   0 |        | −1/6   −1/6   −1/6 |        | 1   1   1   1   1   0 |
//   Bᵀ = | 0   4  −4  −1   1   0 |    G = | −1/6    1/6   −1/6 |   Aᵀ = | 0   1  −1   2  −2   0 |
//        | 0  −2  −1   2   1   0 |        |  1/24   1/12   1/6 |        | 0   1   1   4   4   0 |
//        | 0   2  −1  −2   1   0 |        |  1/24  −1/12   1/6 |        | 0   1  −1   8  −8   1 |
//        | 0   4   0  −5   0   1 |        |   0      0      1  |

/// The 1D transforms, on vectors of channels, and the input's in both dimensions.
enum WinogradTransform {
  /// The first three of Bᵀ d; they do not need d5.
  @inline(__always)
  static func inputHead(
    _ d0: Vector, _ d1: Vector, _ d2: Vector, _ d3: Vector, _ d4: Vector
  ) -> (Vector, Vector, Vector) {
    let minusFour = Vector(repeating: -4)
    let even = d4.plus(minusFour, times: d2)
    let odd = d3.plus(minusFour, times: d1)
    return (d4.plus(Vector(repeating: 4), times: d0).plus(Vector(repeating: -5), times: d2), even + odd, even - odd)
  }

  /// The last three of Bᵀ d; they do not need d0.
  @inline(__always)
  static func inputTail(
    _ d1: Vector, _ d2: Vector, _ d3: Vector, _ d4: Vector, _ d5: Vector
  ) -> (Vector, Vector, Vector) {
    let difference = d4 - d2
    let slope = (d3 - d1) * Vector(repeating: 2)
    return (
      difference + slope, difference - slope,
      d5.plus(Vector(repeating: 4), times: d1).plus(Vector(repeating: -5), times: d3)
    )
  }

  /// V = Bᵀ d B of one tile, all channels, as numbers of `kind`; the 36 frequencies go `stride` Floats apart.
  ///
  /// Three rows of Bᵀ d are made at a time: 18 vectors stay in registers, where 36 would not.
  @inline(__always)
  static func inputTile<Number: TileNumber>(
    _ d: UnsafePointer<Float>, rowStride: Int, channels: Int, into v: UnsafeMutablePointer<Float>, stride: Int,
    as kind: Number.Type
  ) {
    /// Stores a row of (Bᵀ d) B.
    @inline(__always)
    func put(
      _ t0: Vector, _ t1: Vector, _ t2: Vector, _ t3: Vector, _ t4: Vector, _ t5: Vector,
      _ out: UnsafeMutablePointer<Float>
    ) {
      let head = inputHead(t0, t1, t2, t3, t4)
      Number.store(head.0, out)
      Number.store(head.1, out + stride)
      Number.store(head.2, out + 2 * stride)
      let tail = inputTail(t1, t2, t3, t4, t5)
      Number.store(tail.0, out + 3 * stride)
      Number.store(tail.1, out + 4 * stride)
      Number.store(tail.2, out + 5 * stride)
    }
    /// The upper or lower three rows of Bᵀ d, of which column j is made by `column`.
    @inline(__always)
    func half(_ out: UnsafeMutablePointer<Float>, _ column: (_ j: Int) -> (Vector, Vector, Vector)) {
      let (a, b, c, d, e, f) = (column(0), column(1), column(2), column(3), column(4), column(5))
      put(a.0, b.0, c.0, d.0, e.0, f.0, out)
      put(a.1, b.1, c.1, d.1, e.1, f.1, out + 6 * stride)
      put(a.2, b.2, c.2, d.2, e.2, f.2, out + 12 * stride)
    }
    var c = 0
    while c < channels {
      half(v + Number.floats(c)) { j in
        let p = d + (j * channels + c)
        return inputHead(
          load(p), load(p + rowStride), load(p + 2 * rowStride), load(p + 3 * rowStride), load(p + 4 * rowStride))
      }
      half(v + (18 * stride + Number.floats(c))) { j in
        let p = d + (j * channels + c)
        return inputTail(
          load(p + rowStride), load(p + 2 * rowStride), load(p + 3 * rowStride), load(p + 4 * rowStride),
          load(p + 5 * rowStride))
      }
      c += lanes
    }
  }

  /// Aᵀ m.
  @inline(__always)
  static func output(
    _ m0: Vector, _ m1: Vector, _ m2: Vector, _ m3: Vector, _ m4: Vector, _ m5: Vector
  ) -> (Vector, Vector, Vector, Vector) {
    let sum1 = m1 + m2
    let difference1 = m1 - m2
    let sum2 = m3 + m4
    let difference2 = m3 - m4
    return (
      m0 + sum1 + sum2,
      difference1.plus(Vector(repeating: 2), times: difference2),
      sum1.plus(Vector(repeating: 4), times: sum2),
      difference1.plus(Vector(repeating: 8), times: difference2) + m5
    )
  }

  /// G g.
  @inline(__always)
  static func filter(
    _ g0: Vector, _ g1: Vector, _ g2: Vector
  ) -> (Vector, Vector, Vector, Vector, Vector, Vector) {
    let outer = g0 + g2
    let far = g0.plus(Vector(repeating: 4), times: g2) * Vector(repeating: 1 / 24)
    let twelfth = g1 * Vector(repeating: 1 / 12)
    let minusSixth = Vector(repeating: -1 / 6)
    return (
      g0 * Vector(repeating: 0.25), (outer + g1) * minusSixth, (outer - g1) * minusSixth, far + twelfth, far - twelfth,
      g2
    )
  }
}
