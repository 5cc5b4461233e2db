// Every method a recipe can name. A new one is a file beside this and a line here.

import Classification

/// What a recipe tells a method.
package struct MethodOptions: Sendable {
  /// Of batch norm, while the attack runs.
  package var statistics: BatchStatistics

  package init(statistics: BatchStatistics) { self.statistics = statistics }
}

/// One line of the list of methods.
package struct MethodEntry: Sendable {
  package let name: String
  /// One line for the user.
  package let summary: String
  package let make: @Sendable (MethodOptions) -> TrainingMethod

  init(_ name: String, _ summary: String, _ make: @escaping @Sendable (MethodOptions) -> TrainingMethod) {
    self.name = name
    self.summary = summary
    self.make = make
  }
}

package let methods: [MethodEntry] = [
  MethodEntry("at", "adversarial training: untargeted PGD (Madry et al. 2018)") { .adversarialTraining($0) },
  MethodEntry("fairtat", "FAIR-TAT: PGD toward targets drawn from the classes' false positives") {
    .adversarialTraining($0).targeted()
  },
]
