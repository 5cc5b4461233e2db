// Accuracy: correct predictions over examples.

/// The fraction of examples predicted correctly, in [0, 1].
package struct Accuracy: Metric {
  package init() {}

  package func value(of confusion: ConfusionMatrix) -> Double { confusion.accuracy ?? .nan }
}
