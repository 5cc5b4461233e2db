// Loops over flat memory: sums, the optimizer's update, averages, the step of a sign attack.

package enum Elementwise {
  /// a += b.
  package static func add(_ a: UnsafeMutablePointer<Float>, _ b: UnsafePointer<Float>, count: Int) {
    forEachVector(count) { i in
      store(load(a + i) + load(b + i), a + i)
    } rest: { i in
      a[i] += b[i]
    }
  }

  /// a += factor·b.
  package static func add(
    _ a: UnsafeMutablePointer<Float>, _ b: UnsafePointer<Float>, times factor: Float, count: Int
  ) {
    forEachVector(count) { i in
      store(load(a + i).plus(load(b + i), times: Vector(repeating: factor)), a + i)
    } rest: { i in
      a[i] = a[i].plus(b[i], times: factor)
    }
  }

  /// a = decay·a + (1 − decay)·b.
  package static func average(
    _ a: UnsafeMutablePointer<Float>, towards b: UnsafePointer<Float>, decay: Float, count: Int
  ) {
    let rest = 1 - decay
    for i in 0..<count { a[i] = decay * a[i] + rest * b[i] }
  }

  /// a = factor·a.
  package static func scale(_ a: UnsafeMutablePointer<Float>, by factor: Float, count: Int) {
    for i in 0..<count { a[i] *= factor }
  }

  /// Σ a², in Double: eight sums, each of every eighth element, added in pairs.
  ///
  /// The square of a Float is exact in Double, so fused or not, wide vectors or narrow, the bits are the same.
  package static func sumOfSquares(_ a: UnsafePointer<Float>, count: Int) -> Double {
    var sums = SIMD8<Double>.zero
    var i = 0
    while i + 8 <= count {
      let x = SIMD8<Double>(UnsafeRawPointer(a + i).loadUnaligned(as: SIMD8<Float>.self))
      sums += x * x
      i += 8
    }
    while i < count {
      sums[i % 8] += Double(a[i]) * Double(a[i])
      i += 1
    }
    let four = sums.lowHalf + sums.highHalf
    let two = four.lowHalf + four.highHalf
    return two[0] + two[1]
  }

  /// SGD with momentum μ and weight decay λ, as PyTorch defines it (dampening 0, no Nesterov):
  ///   g ← g + λ·w,   v ← μ·v + g,   w ← w − η·v.
  package static func sgd(
    weights w: UnsafeMutablePointer<Float>, momentum v: UnsafeMutablePointer<Float>, gradient: UnsafePointer<Float>,
    learningRate: Float, momentumFactor: Float, weightDecay: Float, count: Int
  ) {
    for i in 0..<count {
      let g = gradient[i] + weightDecay * w[i]
      v[i] = momentumFactor * v[i] + g
      w[i] -= learningRate * v[i]
    }
  }

  /// The same with Nesterov's momentum, which steps from where the momentum will have led:
  ///   g ← g + λ·w,   v ← μ·v + g,   w ← w − η·(g + μ·v).
  package static func nesterov(
    weights w: UnsafeMutablePointer<Float>, momentum v: UnsafeMutablePointer<Float>, gradient: UnsafePointer<Float>,
    learningRate: Float, momentumFactor: Float, weightDecay: Float, count: Int
  ) {
    for i in 0..<count {
      let g = gradient[i] + weightDecay * w[i]
      v[i] = momentumFactor * v[i] + g
      w[i] -= learningRate * (g + momentumFactor * v[i])
    }
  }

  /// One step of a sign attack inside the L∞ ball and the pixel range:
  ///   x' ← clip_[0,1]( clip_[x−ε, x+ε]( x' + s·sign(g) ) ),   sign(0) = 0.
  package static func signStep(
    _ adversarial: UnsafeMutablePointer<Float>, original x: UnsafePointer<Float>, gradient g: UnsafePointer<Float>,
    step: Float, epsilon: Float, count: Int
  ) {
    for i in 0..<count {
      let moved = adversarial[i] + (g[i] > 0 ? step : g[i] < 0 ? -step : 0)
      adversarial[i] = projected(moved, around: x[i], epsilon)
    }
  }

  /// x' ← clip_[0,1]( clip_[x−ε, x+ε]( x' ) ).
  package static func clip(
    _ adversarial: UnsafeMutablePointer<Float>, around x: UnsafePointer<Float>, epsilon: Float, count: Int
  ) {
    for i in 0..<count {
      adversarial[i] = projected(adversarial[i], around: x[i], epsilon)
    }
  }

  /// max |a − b|.
  package static func largestDifference(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, count: Int
  ) -> Float {
    var (largest, rest) = (Vector.zero, Float(0))
    forEachVector(count) { i in
      let difference = load(a + i) - load(b + i)
      largest = pointwiseMax(largest, pointwiseMax(difference, -difference))
    } rest: { i in
      rest = max(rest, abs(a[i] - b[i]))
    }
    return max(largest.max(), rest)
  }

  /// A step of a sign attack with momentum, inside the L∞ ball and the pixel range: with z the step from x' alone,
  ///   x' ← Π( x' + a·(z − x') + (1 − a)·(x' − before) ),   z = Π( x' + s·sign(g) ),   before ← x'.
  package static func momentumSignStep(
    _ adversarial: UnsafeMutablePointer<Float>, before: UnsafeMutablePointer<Float>, original x: UnsafePointer<Float>,
    gradient g: UnsafePointer<Float>, step: Float, weight a: Float, epsilon: Float, count: Int
  ) {
    for i in 0..<count {
      let now = adversarial[i]
      let moved = now + (g[i] > 0 ? step : g[i] < 0 ? -step : 0)
      let z = projected(moved, around: x[i], epsilon)
      let mixed = now + a * (z - now) + (1 - a) * (now - before[i])
      adversarial[i] = projected(mixed, around: x[i], epsilon)
      before[i] = now
    }
  }

  /// clip_[0,1]( clip_[x−ε, x+ε]( value ) ).
  @inline(__always)
  private static func projected(_ value: Float, around x: Float, _ epsilon: Float) -> Float {
    min(max(x + min(max(value - x, -epsilon), epsilon), 0), 1)
  }

  /// Whole vectors first, by the place of their first lane, then the rest one by one.
  @inline(__always)
  static func forEachVector(_ count: Int, _ vector: (Int) -> Void, rest: (Int) -> Void) {
    var i = 0
    while i + lanes <= count {
      vector(i)
      i += lanes
    }
    while i < count {
      rest(i)
      i += 1
    }
  }
}
