// Class-wise calibrated margins:  epsilon_k = (lambda + t_k)·epsilon_0,  t_k = TP_k / N_k of the last interval.
//
// CFA (Wei et al., CVPR 2023) calls it CCM; lambda = 0.5 for AT, 0.3 for TRADES, 0.7 for FAT. FAIR-TAT takes it over with
// 0.5 for all, from epoch 1 on (`begin`; CFA: 10). The authors' code has t_k = K·TP_k / N; we count each class's own
// examples.
//
// In place of t_k, an ablation of ours: t'_k = t · K/(K - 1) · (1 - CFPS_k), where t is the mean of the t_k. It has the same
// mean, t where all classes draw as many false positives, and less for a class that draws more.

/// What margins follow.
package enum MarginMeasure: String, CaseIterable, Sendable {
  /// Robust accuracy in training.
  case accuracy
  /// The false positive scores.
  case cfp
}

/// Gives each class a margin that grows with its robust accuracy in training.
package struct CalibratedMargins: FairnessPolicy, Equatable {
  /// What a class of accuracy 0 keeps of the margin.
  package let lambda: Double
  /// epsilon_0, in units of [0, 1] pixels; what every class has before `begin`.
  package let epsilon: Double
  /// The first epoch with calibrated margins.
  package let begin: Int
  package let measure: MarginMeasure

  package init(
    lambda: Double = 0.5, epsilon: Double = 8.0 / 255, begin: Int = 1, of measure: MarginMeasure = .accuracy
  ) {
    self.lambda = lambda
    self.epsilon = epsilon
    self.begin = begin
    self.measure = measure
  }

  /// A class without examples keeps its margin.
  package func update(_ state: inout FairnessState, from statistics: IntervalStatistics) {
    guard state.epoch >= begin else { return }
    for (k, value) in values(statistics.counts).enumerated() {
      if let value { state.settings[k].epsilon = Float((lambda + value) * epsilon) }
    }
  }

  /// t_k, or t'_k; nil for a class without examples.
  private func values(_ counts: ClassCounts) -> [Double?] {
    let accuracies = counts.classAccuracy
    // Without any false positive all accuracies are 1.
    guard measure == .cfp, let scores = counts.falsePositiveScores else { return accuracies }
    let present = accuracies.compactMap(\.self)
    let mean = present.reduce(0, +) / Double(present.count)
    let (classes, others) = (Double(scores.count), Double(scores.count - 1))
    return zip(accuracies, scores).map { $0 == nil ? nil : mean * classes / others * (1 - $1) }
  }
}
