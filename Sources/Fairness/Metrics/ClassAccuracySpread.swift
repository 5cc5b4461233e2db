// The spread of class accuracies: max_k A_k - min_k A_k.

/// The distance between the best and the worst class's accuracy, in [0, 1]; 0 is perfectly even.
package struct ClassAccuracySpread: Metric {
  package init() {}

  package func value(of confusion: ConfusionMatrix) -> Double {
    let accuracies = confusion.classAccuracy.compactMap { $0 }
    guard let best = accuracies.max(), let worst = accuracies.min() else { return .nan }
    return best - worst
  }
}
