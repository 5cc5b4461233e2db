// The entropy of the class false positive scores, - sum_k CFPS_k log CFPS_k.

/// How evenly the errors fall on the classes, in nats: 0 if one class takes all of them, log K if all take equally.
///
/// NaN without errors.
package struct CFPEntropy: Metric {
  package init() {}

  package func value(of confusion: ConfusionMatrix) -> Double {
    confusion.falsePositiveScores.map(Entropy.nats) ?? .nan
  }
}
