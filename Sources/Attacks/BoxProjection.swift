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
//
// Sums are in Double, eight of them, each of every eighth coordinate: the same bits with vectors of any length.

/// The solution for one point.
struct BoxProjection {
  /// λ; infinite where the hyperplane is out of reach.
  private var lambda = 0.0
  /// Whether w and b changed their signs.
  private let isFlipped: Bool
  private let isEuclidean: Bool
  /// The length of the change in the norm.
  private(set) var norm: Float = 0

  init(
    of t: UnsafePointer<Float>, to w: UnsafePointer<Float>, _ b: Double, in norm: Norm = .linf, count: Int
  ) {
    isEuclidean = norm == .l2
    let product = Eights.product(w, t, count: count)
    isFlipped = product < b
    lambda = reach(abs(product - b), of: t, to: w, count)
    self.norm = length(of: t, to: w, count)
  }

  /// λ by Newton's iteration: what the changes are to give is `missing`.
  private func reach(
    _ missing: Double, of t: UnsafePointer<Float>, to w: UnsafePointer<Float>, _ count: Int
  ) -> Double {
    var lambda = 0.0
    var free = 0.0
    while true {
      // Those that can move by more than λ u, and what the others give.
      var slope = SIMD8<Double>.zero, given = SIMD8<Double>.zero, freeNow = SIMD8<Double>.zero
      Eights.forEach(count) { at in
        let w = at.load(w)
        let weight = Eights.magnitude(w)
        let room = SIMD8<Double>(room(at.load(t), w))
        let isFree = isEuclidean ? room .> lambda * weight : room .> lambda
        let moves = isFree .& (weight .> 0)
        slope += (isEuclidean ? weight * weight : weight).replacing(with: 0, where: .!moves)
        given += (weight * room).replacing(with: 0, where: isFree)
        freeNow += SIMD8<Double>.zero.replacing(with: 1, where: moves)
      }
      guard freeNow.sum() > 0 else { return given.sum() < missing || count == 0 ? .infinity : lambda }
      let next = (missing - given.sum()) / slope.sum()
      if next <= lambda || freeNow.sum() == free { return max(lambda, next) }
      lambda = next
      free = freeNow.sum()
    }
  }

  /// How long the change is.
  private func length(of t: UnsafePointer<Float>, to w: UnsafePointer<Float>, _ count: Int) -> Float {
    var largest = SIMD8<Float>.zero, squares = SIMD8<Double>.zero
    Eights.forEach(count) { at in
      let change = change(at.load(w), at.load(t))
      if isEuclidean { squares += SIMD8<Double>(change) * SIMD8<Double>(change) }
      largest = pointwiseMax(largest, change)
    }
    return isEuclidean ? Float(squares.sum().squareRoot()) : largest.max()
  }

  /// The changes of coordinates `t` of weights `w`.
  @inline(__always)
  func offset(_ w: SIMD8<Float>, _ t: SIMD8<Float>) -> SIMD8<Float> {
    let change = change(w, t)
    return change.replacing(with: -change, where: falls(w))
  }

  /// How far they go.
  @inline(__always)
  private func change(_ w: SIMD8<Float>, _ t: SIMD8<Float>) -> SIMD8<Float> {
    let most = isEuclidean ? SIMD8<Float>(lambda * Eights.magnitude(w)) : SIMD8(repeating: Float(lambda))
    return pointwiseMin(room(t, w), most).replacing(with: 0, where: w .== 0)
  }

  /// How far they may.
  @inline(__always)
  private func room(_ t: SIMD8<Float>, _ w: SIMD8<Float>) -> SIMD8<Float> {
    (1 - t).replacing(with: t, where: falls(w))
  }

  @inline(__always)
  private func falls(_ w: SIMD8<Float>) -> SIMDMask<SIMD8<Int32>> { isFlipped ? w .< 0 : w .> 0 }
}

extension FAB {
  /// The least offset of a point onto the hyperplane ⟨w, ·⟩ = b inside [0, 1]^n.
  package static func offset(of t: [Float], to w: [Float], _ b: Float, in norm: Norm = .linf) -> [Float] {
    let projection = BoxProjection(of: t, to: w, Double(b), in: norm, count: t.count)
    return [Float](unsafeUninitializedCapacity: t.count) { offsets, count in
      Eights.forEach(t.count) { at in
        at.store(projection.offset(at.load(w), at.load(t)), offsets.baseAddress!)
      }
      count = t.count
    }
  }
}
