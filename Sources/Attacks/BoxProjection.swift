// The least change of a point t of [0, 1]^n, in the L∞ norm, that leads onto a hyperplane ⟨w, ·⟩ = b without leaving the box.
//
// Say ⟨w, t⟩ ≥ b, else w and b change their signs. Coordinate i may fall along w_i by r_i = t_i where w_i > 0, by 1 − t_i where
// w_i < 0. Wanted is the least λ with
//
//   f(λ) = Σ |w_i| min(λ, r_i) = ⟨w, t⟩ − b,   and the offset is −sign(w_i) min(λ, r_i)
//
// f is concave and rises in straight pieces, so Newton's iteration from λ = 0 never passes the solution and reaches it exactly after
// as many steps as it meets pieces. Where even Σ |w_i| r_i is too little, every coordinate goes as far as it can.

/// The solution for one point.
struct BoxProjection {
  /// λ; infinite where the hyperplane is out of reach.
  private let lambda: Float
  /// Whether w and b changed their signs.
  private let isFlipped: Bool
  /// The largest change of a coordinate.
  let norm: Float

  init(of t: UnsafePointer<Float>, to w: UnsafePointer<Float>, _ b: Double, count: Int) {
    var product = 0.0
    for i in 0..<count { product += Double(w[i]) * Double(t[i]) }
    let isFlipped = product < b
    let missing = abs(product - b)
    var lambda = 0.0, isReached = false
    var free = 0
    while !isReached {
      // Those that can move by more than λ, and what the others give.
      var slope = 0.0, given = 0.0
      var freeNow = 0
      for i in 0..<count where w[i] != 0 {
        let room = Self.room(t[i], falls: (w[i] > 0) != isFlipped)
        if Double(room) > lambda {
          slope += Double(abs(w[i]))
          freeNow += 1
        } else {
          given += Double(abs(w[i])) * Double(room)
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
    self.lambda = Float(lambda)
    self.isFlipped = isFlipped
    var norm: Float = 0
    for i in 0..<count where w[i] != 0 {
      norm = max(norm, min(self.lambda, Self.room(t[i], falls: (w[i] > 0) != isFlipped)))
    }
    self.norm = norm
  }

  /// The change of coordinate `i`.
  @inline(__always) func offset(_ i: Int, _ w: Float, _ t: Float) -> Float {
    if w == 0 { return 0 }
    let falls = (w > 0) != isFlipped
    let change = min(lambda, Self.room(t, falls: falls))
    return falls ? -change : change
  }

  @inline(__always) private static func room(_ t: Float, falls: Bool) -> Float { falls ? t : 1 - t }
}

extension FAB {
  /// The least offset of a point onto the hyperplane ⟨w, ·⟩ = b inside [0, 1]^n.
  package static func offset(of t: [Float], to w: [Float], _ b: Float) -> [Float] {
    let projection = BoxProjection(of: t, to: w, Double(b), count: t.count)
    return t.indices.map { projection.offset($0, w[$0], t[$0]) }
  }
}
