// Steps of attacks in the L2 ball around an image, cut with the pixel range:
//
//   Π(x') = clip_[0,1]( x + (x' − x)·min(1, ε/‖x' − x‖) )
//
// first onto the ball, then into the range: the second brings no pixel farther from x, so both hold. (It is not the nearest point of
// the two together; attacks of the literature project so.)
//
// ‖·‖ is a sum in Double, rounded to Float where it is compared with ε. In that comparison no projected image lies outside: a pixel
// that moves is rounded toward x, so that no change is longer than the real number it stands for.

/// The L2 ball ‖x' − x‖ ≤ ε inside [0, 1]^n.
package enum EuclideanBall {
  /// ‖a − b‖.
  package static func distance(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, count: Int) -> Float {
    Float(sumOfSquares(count) { Double(a[$0]) - Double(b[$0]) }.squareRoot())
  }

  /// x' ← Π(x').
  package static func project(
    _ adversarial: UnsafeMutablePointer<Float>, around x: UnsafePointer<Float>, epsilon: Float, count: Int
  ) {
    let norm = sumOfSquares(count) { Double(adversarial[$0]) - Double(x[$0]) }.squareRoot()
    guard Float(norm) > epsilon else {
      for i in 0..<count { adversarial[i] = min(max(adversarial[i], 0), 1) }
      return
    }
    let factor = Double(epsilon) / norm
    for i in 0..<count {
      let change = (Double(adversarial[i]) - Double(x[i])) * factor
      adversarial[i] = min(max(towardOriginal(x[i], change), 0), 1)
    }
  }

  /// A step along the gradient: x' ← Π( x' + s·g/(‖g‖ + 1e-12) ); none where g is 0 or no number.
  package static func step(
    _ adversarial: UnsafeMutablePointer<Float>, original x: UnsafePointer<Float>, gradient g: UnsafePointer<Float>,
    step: Float, epsilon: Float, count: Int
  ) {
    let scale = scale(g, step, count)
    for i in 0..<count where scale != 0 { adversarial[i] += Float(scale * Double(g[i])) }
    project(adversarial, around: x, epsilon: epsilon, count: count)
  }

  /// A step along the gradient with momentum: with z the step from x' alone,
  ///   x' ← Π( x' + a·(z − x') + (1 − a)·(x' − before) ),   z = Π( x' + s·g/(‖g‖ + 1e-12) ),   before ← x'.
  package static func momentumStep(
    _ adversarial: UnsafeMutablePointer<Float>, before: UnsafeMutablePointer<Float>, original x: UnsafePointer<Float>,
    gradient g: UnsafePointer<Float>, step: Float, weight a: Float, epsilon: Float, count: Int
  ) {
    let scale = scale(g, step, count)
    func change(_ i: Int) -> Double {
      Double(adversarial[i]) + (scale == 0 ? 0 : scale * Double(g[i])) - Double(x[i])
    }
    let norm = sumOfSquares(count, change).squareRoot()
    let factor = norm > Double(epsilon) ? Double(epsilon) / norm : 1
    let weight = Double(a)
    for i in 0..<count {
      let now = Double(adversarial[i])
      let z = min(max(Double(x[i]) + change(i) * factor, 0), 1)
      let mixed = now + weight * (z - now) + (1 - weight) * (now - Double(before[i]))
      before[i] = adversarial[i]
      adversarial[i] = Float(mixed)
    }
    project(adversarial, around: x, epsilon: epsilon, count: count)
  }

  /// A point of the ball in a direction: x' ← clip_[0,1]( x + r·t/(‖t‖ + 1e-12) ), t what was in x'.
  package static func place(
    _ direction: UnsafeMutablePointer<Float>, around x: UnsafePointer<Float>, radius: Float, count: Int
  ) {
    let scale = Double(radius) / (sumOfSquares(count) { Double(direction[$0]) }.squareRoot() + 1e-12)
    for i in 0..<count {
      direction[i] = min(max(Float(Double(x[i]) + scale * Double(direction[i])), 0), 1)
    }
  }

  /// s/(‖g‖ + 1e-12), 0 where there is no direction.
  private static func scale(_ g: UnsafePointer<Float>, _ step: Float, _ count: Int) -> Double {
    let norm = sumOfSquares(count) { Double(g[$0]) }.squareRoot()
    return norm > 0 && norm.isFinite ? Double(step) / (norm + 1e-12) : 0
  }

  /// x + change, rounded so that it lies no farther from x.
  @inline(__always)
  private static func towardOriginal(_ x: Float, _ change: Double) -> Float {
    let moved = Float(Double(x) + change)
    guard abs(Double(moved) - Double(x)) > abs(change) else { return moved }
    return change > 0 ? moved.nextDown : moved.nextUp
  }

  /// Σ v², in a fixed order: four sums, each of every fourth number, added in pairs.
  @inline(__always)
  private static func sumOfSquares(_ count: Int, _ value: (Int) -> Double) -> Double {
    var sums = SIMD4<Double>.zero
    var i = 0
    while i + 4 <= count {
      let v = SIMD4(value(i), value(i + 1), value(i + 2), value(i + 3))
      sums += v * v
      i += 4
    }
    while i < count {
      sums[i % 4] += value(i) * value(i)
      i += 1
    }
    return (sums[0] + sums[2]) + (sums[1] + sums[3])
  }
}
