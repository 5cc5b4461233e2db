// Class-wise calibrated margins:  epsilon_k = (lambda + t_k)·epsilon_0,  t_k = TP_k / N_k of the last interval.
//
// CFA (Wei et al., CVPR 2023) calls it CCM; lambda = 0.5 for AT, 0.3 for TRADES, 0.7 for FAT. FAIR-TAT takes it over with
// 0.5 for all, from epoch 1 on (`begin`; CFA: 10). The authors' code has t_k = K·TP_k / N; we count each class's own
// examples.

/// Gives each class a margin that grows with its robust accuracy in training.
package struct CalibratedMargins: FairnessPolicy, Equatable {
  /// What a class of accuracy 0 keeps of the margin.
  package let lambda: Double
  /// epsilon_0, in units of [0, 1] pixels; what every class has before `begin`.
  package let epsilon: Double
  /// The first epoch with calibrated margins.
  package let begin: Int

  package init(lambda: Double = 0.5, epsilon: Double = 8.0 / 255, begin: Int = 1) {
    self.lambda = lambda
    self.epsilon = epsilon
    self.begin = begin
  }

  /// A class without examples keeps its margin.
  package func update(_ state: inout FairnessState, from statistics: IntervalStatistics) {
    guard state.epoch >= begin else { return }
    for (k, accuracy) in statistics.counts.classAccuracy.enumerated() {
      if let accuracy { state.settings[k].epsilon = Float((lambda + accuracy) * epsilon) }
    }
  }
}
