// The Gaussian error linear unit, by the error function itself, and its gradient:
//
//   y = x·Φ(x),   dy/dx = Φ(x) + x·φ(x),   φ(x) = e^(−x²/2)/√(2π)
//
// (Hendrycks, Gimpel: Gaussian error linear units. arXiv 1606.08415.) Φ is made of its tail, which keeps its digits:
//
//   Φ(−z) = e^(−z²/2)·q(z)/2,   q(z) = e^(u²)·erfc(u),   u = z/√2 >= 0,   q = t·P(t),   t = 2/(2 + u).
//
// P, of degree 10, is a fit to q/t at 400 Chebyshev points of t by least relative squares, 3.8e-9 from it for u up to 10.5;
// beyond, e^(−z²/2) is 0 in single precision.

package enum GELU {
  /// y = x·Φ(x); y may be x.
  package static func forward(_ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, count: Int) {
    forEach(x, count) { v, _ in
      v * distribution(v).cumulative
    } store: {
      $0.write($1, to: y)
    }
  }

  /// dx = dy·(Φ(x) + x·φ(x)); dx may be dy.
  package static func inputGradient(
    _ dy: UnsafePointer<Float>, x: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>, count: Int
  ) {
    forEach(x, count) { v, place in
      let (cumulative, density) = distribution(v)
      return place.read(dy) * cumulative.plus(v, times: density)
    } store: {
      $0.write($1, to: dx)
    }
  }

  /// Φ and φ.
  @inline(__always)
  private static func distribution(_ x: Vector) -> (cumulative: Vector, density: Vector) {
    let zero = Vector.zero
    let z = x.replacing(with: zero - x, where: x .< zero)
    let bell = VectorExponential.ofNonPositive(z * z * Vector(repeating: -0.5))
      // e^(−z²/2) is no more than rounding there; what is not a number stays so.
      .replacing(with: zero, where: z .> Vector(repeating: 13.1))
    let u = z * Vector(repeating: 0.707_106_78)
    let t = Vector(repeating: 2) / (Vector(repeating: 2) + u)
    var p = Vector(repeating: coefficients.10)
    p = Vector(repeating: coefficients.9).plus(t, times: p)
    p = Vector(repeating: coefficients.8).plus(t, times: p)
    p = Vector(repeating: coefficients.7).plus(t, times: p)
    p = Vector(repeating: coefficients.6).plus(t, times: p)
    p = Vector(repeating: coefficients.5).plus(t, times: p)
    p = Vector(repeating: coefficients.4).plus(t, times: p)
    p = Vector(repeating: coefficients.3).plus(t, times: p)
    p = Vector(repeating: coefficients.2).plus(t, times: p)
    p = Vector(repeating: coefficients.1).plus(t, times: p)
    p = Vector(repeating: coefficients.0).plus(t, times: p)
    let tail = bell * t * p * Vector(repeating: 0.5)
    let cumulative = tail.replacing(with: Vector(repeating: 1) - tail, where: x .> zero)
    return (cumulative, bell * Vector(repeating: 0.398_942_28))
  }

  /// Of P, from t⁰ on.
  private static var coefficients: (Float, Float, Float, Float, Float, Float, Float, Float, Float, Float, Float) {
    (
      0.28208952758, 0.28222835323, 0.24542570597, 0.18416385232, 0.060096310879, 0.022883805440, -0.0018787295069,
      -0.31090449289, 0.39578522678, -0.19660128628, 0.036711730199
    )
  }

  /// Where a vector of elements lies, and how many of its lanes are elements.
  private struct Place {
    let first: Int
    let count: Int

    @inline(__always)
    func read(_ p: UnsafePointer<Float>) -> Vector {
      if count == lanes { return load(p + first) }
      var v = Vector.zero
      for i in 0..<count { v[i] = p[first + i] }
      return v
    }

    @inline(__always)
    func write(_ v: Vector, to p: UnsafeMutablePointer<Float>) {
      if count == lanes { return store(v, p + first) }
      for i in 0..<count { p[first + i] = v[i] }
    }
  }

  /// Vector after vector; an element's value does not depend on the lane it is in.
  @inline(__always)
  private static func forEach(
    _ x: UnsafePointer<Float>, _ count: Int, _ value: (Vector, Place) -> Vector, store: (Place, Vector) -> Void
  ) {
    var first = 0
    while first < count {
      let place = Place(first: first, count: min(lanes, count - first))
      store(place, value(place.read(x), place))
      first += lanes
    }
  }
}
