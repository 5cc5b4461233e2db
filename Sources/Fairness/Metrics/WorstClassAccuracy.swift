// Worst-class accuracy, in the sense that is usual for the number of classes (`WorstClassRule.standard`).

/// The accuracy of the worst class, or of the worst tenth of 100 classes and more, in [0, 1].
package struct WorstClassAccuracy: Metric {
  package init() {}

  package func value(of confusion: ConfusionMatrix) -> Double {
    confusion.worst(.standard(classCount: confusion.classCount)) ?? .nan
  }
}
