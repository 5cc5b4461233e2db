// Every fairness policy, and the options of a recipe that switch it. A new policy is a file beside this one and a line in
// `policies`.

/// What a recipe's `fairness` section chooses: prior and calibration have separate switches and separate beginnings.
package struct FairnessOptions: Equatable, Sendable {
  /// How counts become the target prior; nil where they do not.
  package var prior: TargetPriorRule? = .cfp
  /// The first epoch with a prior other than uniform.
  package var priorBegin = 1
  /// lambda of the margins; nil leaves every class at `epsilon`.
  package var marginLambda: Double? = 0.5
  /// What the margins follow.
  package var marginMeasure = MarginMeasure.accuracy
  /// lambda of the regularisation weights; nil leaves every class at `beta`.
  package var betaLambda: Double?
  /// The first epoch with calibrated margins and regularisation weights.
  package var calibrationBegin = 1
  /// The margin that is calibrated, in units of [0, 1] pixels.
  package var epsilon = 8.0 / 255
  /// The regularisation weight that is calibrated.
  package var beta = 6.0
  /// The first epoch in which strong classes, and no others, are targeted; nil leaves all as they begin.
  package var mixedTargetsBegin: Int?

  package init() {}

  /// The policies of these options, in the order in which they act.
  package var policies: [any FairnessPolicy] {
    var policies: [any FairnessPolicy] = []
    if let prior { policies.append(TargetPriorUpdate(rule: prior, begin: priorBegin)) }
    if let marginLambda {
      policies.append(
        CalibratedMargins(lambda: marginLambda, epsilon: epsilon, begin: calibrationBegin, of: marginMeasure))
    }
    if let betaLambda {
      policies.append(CalibratedBeta(lambda: betaLambda, beta: beta, begin: calibrationBegin))
    }
    if let mixedTargetsBegin { policies.append(MixedTargets(begin: mixedTargetsBegin)) }
    return policies
  }
}
