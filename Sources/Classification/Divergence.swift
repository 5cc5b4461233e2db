// Kullback-Leibler divergences of softmax distributions, with their gradients in the logits:
//
//   KL(p ‖ q) = Σ p_j (log p_j − log q_j),   d/du_j = p_j (log p_j − log q_j − KL),   d/dv_j = q_j − p_j
//   KL(p ‖ U) = log K + Σ p_j log p_j,       d/du_j = p_j (log p_j + log K − KL)
//
// for p = softmax(u), q = softmax(v), U uniform. Logarithms come from the logits, so an underflown probability makes no
// infinity.

import Glibc

/// Divergences between predictions.
package enum Divergence {
  /// KL(p ‖ q) of two rows of K logits.
  ///
  /// Overwrites `dp` with its gradient in the logits of p, and `dq` with that in the logits of q, each times `scale`.
  package static func evaluate(
    _ u: UnsafePointer<Float>, _ v: UnsafePointer<Float>, classes k: Int, gradients dp: UnsafeMutablePointer<Float>,
    _ dq: UnsafeMutablePointer<Float>, scale: Float
  ) -> Float {
    let p = Softmax.write(u, classes: k, into: dp)
    let q = Softmax.write(v, classes: k, into: dq)
    var divergence: Float = 0
    for j in 0..<k { divergence += dp[j] * (p.logarithm(u[j]) - q.logarithm(v[j])) }
    for j in 0..<k {
      let probability = dp[j]
      dp[j] = scale * (probability * (p.logarithm(u[j]) - q.logarithm(v[j]) - divergence))
      dq[j] = scale * (dq[j] - probability)
    }
    return divergence
  }

  /// KL(p ‖ U) of a row of K logits; adds its gradient times `scale` to `dp`.
  package static func addFromUniform(
    _ u: UnsafePointer<Float>, classes k: Int, to dp: UnsafeMutablePointer<Float>, scale: Float
  ) -> Float {
    let p = Softmax.normaliser(u, classes: k)
    let logK = logf(Float(k))
    var divergence: Float = 0
    for j in 0..<k { divergence += expf(p.logarithm(u[j])) * (p.logarithm(u[j]) + logK) }
    for j in 0..<k { dp[j] += scale * (expf(p.logarithm(u[j])) * (p.logarithm(u[j]) + logK - divergence)) }
    return divergence
  }
}
