// Cross-entropy of a softmax:  L = log Σ_j exp z_j − z_y,   dz = softmax(z) − onehot(y).
//
// The largest logit is subtracted first, so exp cannot overflow; L is taken from the shifted logits, not as
// −log softmax(z)_y, which is infinite as soon as the probability underflows.

import Glibc
import Tensors

/// The cross-entropy of logits (N, K) with integer labels in 0 ..< K.
package enum CrossEntropy {
  /// Writes scale · dL_i/dz into `dLogits` and each example's loss into `losses`; either may be left out.
  package static func evaluate(
    _ logits: Tensor, labels: [Int], gradient dLogits: Tensor? = nil, scale: Float = 1,
    losses: UnsafeMutableBufferPointer<Float>? = nil
  ) {
    evaluate(logits, count: labels.count, label: { labels[$0] }, gradient: dLogits, scale: scale, losses: losses)
  }

  /// The same for the first `count` examples, whose labels `label` gives.
  package static func evaluate(
    _ logits: Tensor, count: Int, label: (Int) -> Int, gradient dLogits: Tensor? = nil, scale: Float = 1,
    losses: UnsafeMutableBufferPointer<Float>? = nil
  ) {
    let k = logits.shape.c
    precondition(count <= logits.shape.n && count <= dLogits?.shape.n ?? count && count <= losses?.count ?? count)
    precondition(dLogits?.shape.c ?? k == k, "gradients of \(k) logits")
    for n in 0..<count {
      let label = label(n)
      precondition(label >= 0 && label < k, "label \(label) of \(k) classes")
      let z = logits.image(n)
      var largest = z[0]
      for j in 1..<max(1, k) { largest = max(largest, z[j]) }
      var sum: Float = 0
      if let dz = dLogits?.image(n) {
        for j in 0..<k {
          dz[j] = expf(z[j] - largest)
          sum += dz[j]
        }
        for j in 0..<k { dz[j] = (dz[j] / sum - (j == label ? 1 : 0)) * scale }
      } else {
        for j in 0..<k { sum += expf(z[j] - largest) }
      }
      losses?[n] = logf(sum) - (z[label] - largest)
    }
  }

  /// The class with the largest logit of example `n`; the first of equals, and the first where one is not a number.
  package static func prediction(_ logits: Tensor, _ n: Int) -> Int {
    let z = logits.image(n)
    var best = 0
    for j in 1..<max(1, logits.shape.c) where z[j] > z[best] { best = j }
    return best
  }
}
