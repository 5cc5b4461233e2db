// What an attack climbs, of the logits z of a candidate:
//
//                   away from the label y                        toward a target t, y the label
//   cross-entropy   CE(z, y)                                     −CE(z, t)
//   divergence      KL(p(x) ‖ p(x')), p(x) fixed                 −CE(z, t)
//   logit ratio     −(z_y − max_{j≠y} z_j) / (z_(1) − z_(3))     −(z_y − z_t) / (z_(1) − (z_(3) + z_(4))/2)
//   margin          max_{j≠y} z_j − z_y                          z_t − z_y
//
// z_(j) is the j-th largest logit, and 1e-12 is added to either denominator. The ratios are DLR and targeted DLR (Croce and
// Hein, ICML 2020), which do not change where logits are multiplied. With three classes there is no fourth logit, and the
// targeted form is the margin: over z_(1) − z_(3) it would be −1 wherever t is the least likely class, whatever the logits, and
// would have no gradient. With two classes both are margins.

import Classification
import Tensors

/// The loss of an attack.
package enum AttackLoss: String, CaseIterable, Sendable {
  case crossEntropy = "cross-entropy"
  case divergence
  case logitRatio = "logit-ratio"
  case margin

  /// L of one example, K logits; writes dL/dz into `gradient`.
  ///
  /// - Parameter reference: p(x), K numbers; read by the divergence alone.
  /// - Returns: L; of the divergence 0, for which nobody asks.
  @discardableResult
  package func evaluate(
    _ z: UnsafePointer<Float>, classes k: Int, _ goal: Goal, reference p: UnsafePointer<Float>,
    gradient dz: UnsafeMutablePointer<Float>
  ) -> Float {
    switch (self, goal) {
    case (.crossEntropy, .reach(let target, _)), (.divergence, .reach(let target, _)):
      // Down on the target's loss is up on its negative.
      let loss = CrossEntropy.evaluate(z, classes: k, label: target, gradient: dz)
      for j in 0..<k { dz[j].negate() }
      return -loss
    case (.crossEntropy, .avoid(let label)):
      return CrossEntropy.evaluate(z, classes: k, label: label, gradient: dz)
    case (.divergence, .avoid):
      Softmax.write(z, classes: k, into: dz)
      for j in 0..<k { dz[j] -= p[j] }
      return 0
    case (.logitRatio, .reach(let target, let label)):
      return Self.ratio(z, classes: k, up: target, down: label, isTargeted: true, dz)
    case (.logitRatio, .avoid(let label)):
      return Self.ratio(
        z, classes: k, up: Self.strongest(z, classes: k, but: label), down: label, isTargeted: false, dz)
    case (.margin, .reach(let target, let label)):
      return Self.difference(z, classes: k, up: target, down: label, dz)
    case (.margin, .avoid(let label)):
      return Self.difference(z, classes: k, up: Self.strongest(z, classes: k, but: label), down: label, dz)
    }
  }

  /// The class with the largest logit of all but one.
  static func strongest(_ z: UnsafePointer<Float>, classes k: Int, but label: Int) -> Int {
    var best = label == 0 ? 1 : 0
    for j in 0..<k where j != label && z[j] > z[best] { best = j }
    return best
  }

  private static func difference(
    _ z: UnsafePointer<Float>, classes k: Int, up: Int, down: Int, _ dz: UnsafeMutablePointer<Float>
  ) -> Float {
    for j in 0..<k { dz[j] = 0 }
    dz[up] += 1
    dz[down] -= 1
    return z[up] - z[down]
  }

  /// N/D with N = z_up − z_down, D the spread of the largest logits; dL = (dN − L·dD)/D.
  private static func ratio(
    _ z: UnsafePointer<Float>, classes k: Int, up: Int, down: Int, isTargeted: Bool, _ dz: UnsafeMutablePointer<Float>
  ) -> Float {
    guard k > (isTargeted ? 3 : 2) else { return difference(z, classes: k, up: up, down: down, dz) }
    // The four largest, the first of equals first.
    var order = SIMD4(repeating: -1)
    for j in 0..<k {
      var (candidate, rank) = (j, 0)
      while rank < 4 {
        let held = order[rank]
        if held < 0 || z[candidate] > z[held] {
          order[rank] = candidate
          candidate = held
        }
        if candidate < 0 { break }
        rank += 1
      }
    }
    let spread = (isTargeted ? z[order[0]] - 0.5 * (z[order[2]] + z[order[3]]) : z[order[0]] - z[order[2]]) + 1e-12
    let loss = (z[up] - z[down]) / spread
    for j in 0..<k { dz[j] = 0 }
    dz[order[0]] -= loss / spread
    if isTargeted {
      dz[order[2]] += 0.5 * loss / spread
      dz[order[3]] += 0.5 * loss / spread
    } else {
      dz[order[2]] += loss / spread
    }
    dz[up] += 1 / spread
    dz[down] -= 1 / spread
    return loss
  }
}
