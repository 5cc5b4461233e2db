// Class-wise calibrated regularisation:  beta_k = (lambda + t_k)·beta,  t_k = TP_k / N_k of the last interval.
//
// CFA (Wei et al., CVPR 2023) calls it CCR and uses it in TRADES, with lambda = 0.5 and beta = 6. Algorithm 1 of the paper
// prints epsilon for beta here; the code, which we follow, has beta.

/// Gives each class a TRADES weight that grows with its robust accuracy in training.
package struct CalibratedBeta: FairnessPolicy, Equatable {
  /// What a class of accuracy 0 keeps of beta.
  package let lambda: Double
  /// beta, which every class has before `begin`.
  package let beta: Double
  /// The first epoch with calibrated weights.
  package let begin: Int

  package init(lambda: Double = 0.5, beta: Double = 6, begin: Int = 1) {
    self.lambda = lambda
    self.beta = beta
    self.begin = begin
  }

  /// A class without examples keeps its weight.
  package func update(_ state: inout FairnessState, from statistics: IntervalStatistics) {
    guard state.epoch >= begin else { return }
    for (k, accuracy) in statistics.counts.classAccuracy.enumerated() {
      if let accuracy { state.settings[k].beta = Float((lambda + accuracy) * beta) }
    }
  }
}
