// A factor of each channel, as transformers scale their branches, and what becomes of its gradient where the factor is
// folded into the matrix before it:
//
//   y = γ∘(W·x + b):   with D = Σ dy·xᵀ and s = Σ dy,   dW = γ∘D,   db = γ∘s,   dγ_o = Σ_i W_oi·D_oi + b_o·s_o
//
// (Touvron et al.: Going deeper with image transformers. ICCV 2021.)

package enum LayerScale {
  /// y = x + γ∘z; y may be x or z.
  package static func add(
    _ x: UnsafePointer<Float>, _ gamma: UnsafePointer<Float>, _ z: UnsafePointer<Float>,
    into y: UnsafeMutablePointer<Float>, count: Int
  ) {
    Elementwise.forEachVector(count) {
      store(load(x + $0).plus(load(gamma + $0), times: load(z + $0)), y + $0)
    } rest: {
      y[$0] = x[$0].plus(gamma[$0], times: z[$0])
    }
  }

  /// y = γ∘z; y may be z.
  package static func multiply(
    _ gamma: UnsafePointer<Float>, _ z: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, count: Int
  ) {
    Elementwise.forEachVector(count) {
      store(load(gamma + $0) * load(z + $0), y + $0)
    } rest: {
      y[$0] = gamma[$0] * z[$0]
    }
  }

  /// Σ w·d of a row of a matrix and of its unscaled gradient d, which becomes γ·d: by lanes, then the lanes in order.
  package static func finish(
    row d: UnsafeMutablePointer<Float>, weights w: UnsafePointer<Float>, scale gamma: Float, count: Int
  ) -> Float {
    var sums = Vector.zero
    var total: Float = 0
    Elementwise.forEachVector(count) {
      sums = sums.plus(load(w + $0), times: load(d + $0))
      store(load(d + $0) * Vector(repeating: gamma), d + $0)
    } rest: {
      total = total.plus(w[$0], times: d[$0])
      d[$0] *= gamma
    }
    for lane in 0..<lanes { total += sums[lane] }
    return total
  }
}
