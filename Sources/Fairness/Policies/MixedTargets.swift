// TRIX: targeted, weaker adversaries for strong classes, untargeted ones for weak classes.
//
// A class is strong where its robust accuracy in training is at least the mean over the classes (arXiv:2507.07768).

/// Makes the classes targeted that are strong in the last interval.
package struct MixedTargets: FairnessPolicy, Equatable {
  /// The first epoch with targets; before, no class is targeted.
  package let begin: Int

  package init(begin: Int = 1) { self.begin = begin }

  /// A class without examples stays as it is.
  package func update(_ state: inout FairnessState, from statistics: IntervalStatistics) {
    guard state.epoch >= begin else { return }
    let accuracies = statistics.counts.classAccuracy
    let present = accuracies.compactMap { $0 }
    guard !present.isEmpty else { return }
    let mean = present.reduce(0, +) / Double(present.count)
    for (k, accuracy) in accuracies.enumerated() {
      if let accuracy { state.settings[k].targeted = accuracy >= mean }
    }
  }
}

/// Which classes have targeted adversaries.
package enum TargetedClasses: String, CaseIterable, Sendable {
  /// As the method has it.
  case method
  case none
  case all
  /// The strong ones of the last interval.
  case strong
}
