// The softmax of a row of logits, and what is made of it:
//
//   p_j = exp(z_j − m) / S,   m = max z,   S = Σ exp(z_j − m),   log p_j = z_j − m − log S

import Glibc

/// Probabilities of logits.
package enum Softmax {
  /// What a logit lacks to be the logarithm of its probability.
  package struct Normaliser: Sendable {
    let largest: Float, logSum: Float

    /// log p of the logit `z`; finite where p underflows.
    @inline(__always) package func logarithm(_ z: Float) -> Float { z - largest - logSum }
  }

  /// What makes probabilities of the K logits of `z`.
  package static func normaliser(_ z: UnsafePointer<Float>, classes k: Int) -> Normaliser {
    var largest = z[0]
    for j in 1..<max(1, k) { largest = max(largest, z[j]) }
    var sum: Float = 0
    for j in 0..<k { sum += expf(z[j] - largest) }
    return Normaliser(largest: largest, logSum: logf(sum))
  }

  /// Writes the K probabilities of `z` into `p`.
  @discardableResult
  package static func write(
    _ z: UnsafePointer<Float>, classes k: Int, into p: UnsafeMutablePointer<Float>
  ) -> Normaliser {
    var largest = z[0]
    for j in 1..<max(1, k) { largest = max(largest, z[j]) }
    var sum: Float = 0
    for j in 0..<k {
      p[j] = expf(z[j] - largest)
      sum += p[j]
    }
    for j in 0..<k { p[j] /= sum }
    return Normaliser(largest: largest, logSum: logf(sum))
  }
}
