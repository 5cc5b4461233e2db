// When a weight average takes in the current weights.
//
//   EMA   every epoch from `start` on
//   FAWA  of those, the epochs whose worst-class robust accuracy on the validation split is at least `threshold`
//
// CFA (Wei et al., CVPR 2023): decay 0.85, threshold 0.2, start at epoch 50; the first weights accepted are copied. From
// 100 classes on the worst tenth stands for the worst class: over 100 classes of 10 images the minimum practically never
// reaches a threshold. A class without validation images has no say, as nobody knows its accuracy: a note names it.

/// Decides, once per epoch, what happens to one weight average.
///
/// A pure function of summed counts. The averaging itself is elsewhere; so is the memory of how often an average was
/// accepted. An average that never took anything in is the current model, and reports must say so.
package struct AveragePolicy: Equatable, Sendable {
  /// The first epoch, from 0, at whose end the average may take in weights.
  package let start: Int
  /// The worst-class robust accuracy that weights must reach; nil accepts all of them.
  package let threshold: Double?

  /// Takes in all weights from an epoch on.
  package static func ema(start: Int) -> AveragePolicy { AveragePolicy(start: start, threshold: nil) }
  /// Takes in the weights that are fair enough, from an epoch on.
  package static func fawa(start: Int, threshold: Double) -> AveragePolicy {
    AveragePolicy(start: start, threshold: threshold)
  }

  /// Whether the decision needs the validation split at the end of this epoch.
  package func needsValidation(epoch: Int) -> Bool { epoch >= start && threshold != nil }

  /// What to do at the end of an epoch.
  ///
  /// - Parameters:
  ///   - accepted: how often this average has taken in weights so far.
  ///   - robust: the confusion of the attacked validation images; without examples nothing is fair enough.
  package func step(epoch: Int, accepted: Int, robust: ConfusionMatrix?) -> AverageStep {
    guard epoch >= start else { return .skip }
    if let threshold {
      guard let worst = robust?.worst, worst >= threshold else { return .skip }
    }
    return accepted == 0 ? .copy : .blend
  }
}
