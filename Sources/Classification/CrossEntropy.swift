// Cross-entropy of a softmax:  L = log Σ_j exp z_j − z_y,   dz = softmax(z) − onehot(y).
//
// With labels that are smoothed by s (Szegedy et al.: Rethinking the Inception architecture. CVPR 2016), which are 1 − s at y and
// s/K more everywhere, as PyTorch's CrossEntropyLoss(label_smoothing=s) has them:
//
//   L = log Σ_j exp z_j − (1 − s) z_y − s/K Σ_j z_j,   dz = softmax(z) − (1 − s) onehot(y) − s/K.
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
    let k = logits.shape.c
    let count = labels.count
    precondition(count <= logits.shape.n && count <= dLogits?.shape.n ?? count && count <= losses?.count ?? count)
    precondition(dLogits?.shape.c ?? k == k, "gradients of \(k) logits")
    for n in 0..<count {
      let loss = evaluate(logits.image(n), classes: k, label: labels[n], gradient: dLogits?.image(n), scale: scale)
      losses?[n] = loss
    }
  }

  /// The loss of one example, K logits; writes scale · dL/dz into `gradient` if given.
  ///
  /// - Parameter smoothing: s, in 0..<1.
  @discardableResult
  package static func evaluate(
    _ z: UnsafePointer<Float>, classes k: Int, label: Int, gradient: UnsafeMutablePointer<Float>? = nil,
    scale: Float = 1, smoothing: Float = 0
  ) -> Float {
    precondition(label >= 0 && label < k, "label \(label) of \(k) classes")
    var largest = z[0]
    for j in 1..<max(1, k) { largest = max(largest, z[j]) }
    var sum: Float = 0
    if let dz = gradient {
      for j in 0..<k {
        dz[j] = expf(z[j] - largest)
        sum += dz[j]
      }
      let (other, own) = smoothed(smoothing, classes: k)
      for j in 0..<k { dz[j] = (dz[j] / sum - (j == label ? own : other)) * scale }
    } else {
      for j in 0..<k { sum += expf(z[j] - largest) }
    }
    let loss = logf(sum) - (z[label] - largest)
    return smoothing > 0 ? loss + smoothing * excess(z, classes: k, label: label) : loss
  }

  /// The loss of one example, K logits; adds scale · dL/dz to `gradient`.
  package static func add(
    _ z: UnsafePointer<Float>, classes k: Int, label: Int, to gradient: UnsafeMutablePointer<Float>, scale: Float,
    smoothing: Float = 0
  ) -> Float {
    precondition(label >= 0 && label < k, "label \(label) of \(k) classes")
    let p = Softmax.normaliser(z, classes: k)
    let (other, own) = smoothed(smoothing, classes: k)
    for j in 0..<k { gradient[j] += (expf(p.logarithm(z[j])) - (j == label ? own : other)) * scale }
    let loss = -p.logarithm(z[label])
    return smoothing > 0 ? loss + smoothing * excess(z, classes: k, label: label) : loss
  }

  /// What a smoothed label is at other classes and at its own.
  private static func smoothed(_ smoothing: Float, classes k: Int) -> (other: Float, own: Float) {
    let other = smoothing / Float(k)
    return (other, 1 - smoothing + other)
  }

  /// By how much z_y is above the mean of the logits.
  private static func excess(_ z: UnsafePointer<Float>, classes k: Int, label: Int) -> Float {
    var sum: Float = 0
    for j in 0..<k { sum += z[label] - z[j] }
    return sum / Float(k)
  }

  /// The class with the largest logit of example `n`; the first of equals, and the first where one is not a number.
  package static func prediction(_ logits: Tensor, _ n: Int) -> Int {
    prediction(logits.image(n), classes: logits.shape.c)
  }

  /// The same of one example, K logits.
  package static func prediction(_ z: UnsafePointer<Float>, classes: Int) -> Int {
    var best = 0
    for j in 1..<max(1, classes) where z[j] > z[best] { best = j }
    return best
  }
}
