// WAT: class weights by the Hedge algorithm, so that the worst class's loss is what is minimised in the long run.
//
//   after every epoch on validation, under the method's attack:  c_k = class mean of CE + β·KL,  c_K = the mean over all
//   C ← C + c;   w_k = K·exp(η·C_k) / Σ_{j=0..K} exp(η·C_j);   all w are 1 at first
//   loss weight of class y: w_y + w_K
//
// Li and Liu, AAAI 2023 (wat), worst_class_adversarial_train.py, which divides c_K by whole batches; here by the real number
// of images.

import Tensors

/// The policy of WAT.
package struct NoRegret: FairnessPolicy, Equatable {
  /// η.
  package let eta: Double

  package init(eta: Double = 0.1) { self.eta = eta }

  /// The loss weight of every class at first: its own, and that of the mean.
  package static let firstWeight: Float = 2

  package func needsLosses(before epoch: Int) -> Bool { epoch >= 1 }

  /// A class without validation images gathers the mean loss.
  package func update(_ state: inout FairnessState, from statistics: IntervalStatistics) {
    guard let losses = statistics.losses, let mean = losses.mean else { return }
    let count = state.settings.classCount
    var sums = state.memory.vector("wat.losses", count: count + 1) ?? [Double](repeating: 0, count: count + 1)
    for (k, loss) in losses.means.enumerated() { sums[k] += loss ?? mean }
    sums[count] += mean
    state.memory["wat.losses"] = sums
    let largest = sums.max() ?? 0
    let powers = sums.map { Exponential.value(eta * ($0 - largest)) }
    let total = powers.reduce(0, +)
    for k in 0..<count {
      state.settings[k].lossWeight = Float(Double(count) * (powers[k] + powers[count]) / total)
    }
  }
}
