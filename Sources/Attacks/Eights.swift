// Images by eight numbers, with sums in Double, each of every eighth number: the same bits with vectors of any length.

/// Loops over images by eight numbers.
enum Eights {
  /// Eight neighbours, or as many as are left.
  struct Place {
    let first: Int
    let count: Int

    /// Those of `p`; zeros behind the last.
    @inline(__always)
    func load(_ p: UnsafePointer<Float>) -> SIMD8<Float> {
      if count == 8 { return UnsafeRawPointer(p + first).loadUnaligned(as: SIMD8<Float>.self) }
      var eight = SIMD8<Float>.zero
      for i in 0..<count { eight[i] = p[first + i] }
      return eight
    }

    @inline(__always)
    func store(_ eight: SIMD8<Float>, _ p: UnsafeMutablePointer<Float>) {
      if count == 8 { return UnsafeMutableRawPointer(p + first).storeBytes(of: eight, as: SIMD8<Float>.self) }
      for i in 0..<count { p[first + i] = eight[i] }
    }
  }

  @inline(__always)
  static func forEach(_ count: Int, _ body: (Place) -> Void) {
    var first = 0
    while first + 8 <= count {
      body(Place(first: first, count: 8))
      first += 8
    }
    if first < count { body(Place(first: first, count: count - first)) }
  }

  /// |w|.
  @inline(__always)
  static func magnitude(_ w: SIMD8<Float>) -> SIMD8<Double> { SIMD8<Double>(w.replacing(with: -w, where: w .< 0)) }

  /// ⟨a, b⟩.
  static func product(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, count: Int) -> Double {
    var sums = SIMD8<Double>.zero
    forEach(count) { sums += SIMD8<Double>($0.load(a)) * SIMD8<Double>($0.load(b)) }
    return sums.sum()
  }

  /// Σ |a|.
  static func sumOfMagnitudes(_ a: UnsafePointer<Float>, count: Int) -> Double {
    var sums = SIMD8<Double>.zero
    forEach(count) { sums += magnitude($0.load(a)) }
    return sums.sum()
  }
}
