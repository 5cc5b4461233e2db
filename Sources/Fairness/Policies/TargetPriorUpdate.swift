// The target prior follows the false positives of the last interval; before `begin` it is uniform.

/// Makes the prior of the next interval from the counts of the last.
package struct TargetPriorUpdate: FairnessPolicy, Equatable {
  package let rule: TargetPriorRule
  /// The first epoch with a prior that follows the counts; 1 in FAIR-TAT.
  package let begin: Int

  package init(rule: TargetPriorRule = .cfp, begin: Int = 1) {
    self.rule = rule
    self.begin = begin
  }

  package func update(_ state: inout FairnessState, from statistics: IntervalStatistics) {
    if state.epoch >= begin { state.prior = rule.prior(for: statistics.counts) }
  }
}
