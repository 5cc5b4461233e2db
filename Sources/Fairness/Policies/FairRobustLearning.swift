// FRL: weights and margins that rise where a class lies below the average by more than a bound.
//
//   validation before every epoch:  e0_k = 1 − acc_k,  e1_k = acc_k − racc_k;  E0, E1 over all images
//   g0_k = e0_k − E0 − d,   g1_k = e1_k − E1 − d
//   l0 ← norm(l0 + r1·g0),  l1 ← norm(l1 + 2·r1·g1),  l2_k ← l2_k + r2·g1_k
//   norm(v): v ← max(v, 0), and lim·v/Σv where Σv > lim;   all l are 0 at first
//   w0_k = 1/K + (K − 1)/K·l0_k − 1/K·Σ_{j≠k} l0_j,  w1 the same of l1;   m_k = clip(exp(2·l2_k), 0.98, 3)
//
// Xu et al., ICML 2021 (to be robust or to be fair), frlrw.py and frlrmrw.py; r1 is halved at epochs 40, 80, ... (from 1). The
// weights are rows of the class settings: loss weight w0, beta w1, epsilon m·ε.

import Tensors

/// The policy of FRL, reweighting alone (`marginRate` 0) or with margins.
package struct FairRobustLearning: FairnessPolicy, Equatable {
  /// d.
  package let bound: Double
  /// r1, r2.
  package let rate: Double, marginRate: Double
  /// lim.
  package let limit: Double
  /// In units of [0, 1] pixels.
  package let epsilon: Double

  package init(bound: Double, rate: Double = 0.05, marginRate: Double, limit: Double = 0.5, epsilon: Double) {
    self.bound = bound
    self.rate = rate
    self.marginRate = marginRate
    self.limit = limit
    self.epsilon = epsilon
  }

  package func needsValidation(before epoch: Int) -> Bool { true }

  /// A class without validation images keeps its multipliers.
  package func update(_ state: inout FairnessState, from statistics: IntervalStatistics) {
    guard let validation = statistics.validation, let clean = validation.clean.accuracy,
      let robust = validation.robust.accuracy
    else { return }
    let count = state.settings.classCount
    func multipliers(_ name: String) -> [Double] {
      state.memory.vector("frl.\(name)", count: count) ?? [Double](repeating: 0, count: count)
    }
    var (l0, l1, l2) = (multipliers("natural"), multipliers("boundary"), multipliers("margin"))
    let step = rate * Double(sign: .plus, exponent: -((state.epoch + 1) / 40), significand: 1)
    let accuracies = zip(validation.clean.classAccuracy, validation.robust.classAccuracy)
    for (k, accuracy) in accuracies.enumerated() {
      guard let natural = accuracy.0, let attacked = accuracy.1 else { continue }
      let g0 = (1 - natural) - (1 - clean) - bound
      let g1 = (natural - attacked) - (clean - robust) - bound
      l0[k] += step * g0
      l1[k] += 2 * step * g1
      l2[k] += marginRate * g1
    }
    (l0, l1) = (norm(l0), norm(l1))
    state.memory["frl.natural"] = l0
    state.memory["frl.boundary"] = l1
    state.memory["frl.margin"] = l2
    for k in 0..<count {
      state.settings[k].lossWeight = Float(weight(l0, k))
      state.settings[k].beta = Float(weight(l1, k))
      state.settings[k].epsilon = Float(min(max(Self.exponential(2 * l2[k]), 0.98), 3) * epsilon)
    }
  }

  private func norm(_ values: [Double]) -> [Double] {
    let positive = values.map { max($0, 0) }
    let sum = positive.reduce(0, +)
    return sum > limit ? positive.map { limit * $0 / sum } : positive
  }

  private func weight(_ l: [Double], _ k: Int) -> Double {
    let count = Double(l.count)
    return (1 + (count - 1) * l[k] - (l.reduce(0, +) - l[k])) / count
  }

  /// e^x, with the same bits on every CPU.
  private static func exponential(_ x: Double) -> Double {
    x <= 0 ? Exponential.value(x) : 1 / Exponential.value(-x)
  }
}
