// The least change of a point t of [0, 1]^n, in the L∞ or the L2 norm, that leads onto a hyperplane ⟨w, ·⟩ = b without leaving the
// box.
//
// Say ⟨w, t⟩ ≥ b, else w and b change their signs. Coordinate i may fall along w_i by r_i = t_i where w_i > 0, by 1 − t_i where
// w_i < 0. With pace u_i = 1 in L∞, where whatever moves may move as far as the rest, and u_i = |w_i| in L2, where it pays to move
// what counts, wanted is the least λ with
//
//   f(λ) = Σ |w_i| min(λ u_i, r_i) = ⟨w, t⟩ − b,   and the offset is −sign(w_i) min(λ u_i, r_i)
//
// f is concave and rises in straight pieces, so Newton's iteration from λ = 0 never passes the solution and reaches it exactly after
// as many steps as it meets pieces. Where even Σ |w_i| r_i is too little, every coordinate goes as far as it can.
//
// The authors' fab_projections.py comes to the same by bisection over sorted ends; in L2 it leaves out coordinates with |w_i| ≤ 1e-8,
// so that on logits of a small scale nothing would move. Here none is left out but those of no weight.

/// The solution for one point.
struct BoxProjection {
  /// λ; infinite where the hyperplane is out of reach.
  private let lambda: Double
  /// Whether w and b changed their signs.
  private let isFlipped: Bool
  private let isEuclidean: Bool
  /// The length of the change in the norm.
  let norm: Float

  init(
    of t: UnsafePointer<Float>, to w: UnsafePointer<Float>, _ b: Double, in norm: Norm = .linf, count: Int
  ) {
    let isEuclidean = norm == .l2
    var product = 0.0
    for i in 0..<count { product += Double(w[i]) * Double(t[i]) }
    let isFlipped = product < b
    let missing = abs(product - b)
    var lambda = 0.0, isReached = false
    var free = 0
    while !isReached {
      // Those that can move by more than λ u, and what the others give.
      var slope = 0.0, given = 0.0
      var freeNow = 0
      for i in 0..<count where w[i] != 0 {
        let (weight, room) = (Double(abs(w[i])), Double(Self.room(t[i], falls: (w[i] > 0) != isFlipped)))
        let pace = isEuclidean ? weight : 1
        if room > lambda * pace {
          slope += weight * pace
          freeNow += 1
        } else {
          given += weight * room
        }
      }
      guard freeNow > 0 else {
        if given < missing || count == 0 { lambda = .infinity }
        break
      }
      let next = (missing - given) / slope
      isReached = next <= lambda || freeNow == free
      lambda = max(lambda, next)
      free = freeNow
    }
    self.lambda = lambda
    self.isFlipped = isFlipped
    self.isEuclidean = isEuclidean
    var (largest, squares) = (Float(0), 0.0)
    for i in 0..<count where w[i] != 0 {
      let change = Self.change(
        lambda, w[i], Self.room(t[i], falls: (w[i] > 0) != isFlipped), isEuclidean: isEuclidean)
      largest = max(largest, change)
      squares += Double(change) * Double(change)
    }
    self.norm = isEuclidean ? Float(squares.squareRoot()) : largest
  }

  /// The change of coordinate `i`.
  @inline(__always) func offset(_ i: Int, _ w: Float, _ t: Float) -> Float {
    if w == 0 { return 0 }
    let falls = (w > 0) != isFlipped
    let change = Self.change(lambda, w, Self.room(t, falls: falls), isEuclidean: isEuclidean)
    return falls ? -change : change
  }

  @inline(__always) private static func room(_ t: Float, falls: Bool) -> Float { falls ? t : 1 - t }

  @inline(__always)
  private static func change(_ lambda: Double, _ w: Float, _ room: Float, isEuclidean: Bool) -> Float {
    min(Float(isEuclidean ? lambda * Double(abs(w)) : lambda), room)
  }
}

extension FAB {
  /// The least offset of a point onto the hyperplane ⟨w, ·⟩ = b inside [0, 1]^n.
  package static func offset(of t: [Float], to w: [Float], _ b: Float, in norm: Norm = .linf) -> [Float] {
    let projection = BoxProjection(of: t, to: w, Double(b), in: norm, count: t.count)
    return t.indices.map { projection.offset($0, w[$0], t[$0]) }
  }
}
