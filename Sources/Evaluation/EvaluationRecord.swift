// How far an evaluation is, as a value: what it goes on from after a stop.

import Fairness

/// The state of an evaluation after a round, the same on all ranks.
package struct EvaluationRecord: Codable, Equatable, Sendable {
  package internal(set) var verdicts: Verdicts
  package internal(set) var signs: AttackSigns
  /// What each attack has taken so far.
  package internal(set) var seconds: [Double]

  init(_ verdicts: Verdicts, classes: Int) {
    self.verdicts = verdicts
    signs = AttackSigns(classCount: classes)
    seconds = [Double](repeating: 0, count: verdicts.attacks.count)
  }

  /// Whether it can be that of an evaluation of so many examples and classes by these attacks: what was read may be anything.
  package func isWhole(examples: Int, classes: Int, attacks: [String]) -> Bool {
    verdicts.isWhole && verdicts.examples.count == examples && verdicts.classCount == classes
      && verdicts.attacks == attacks && seconds.count == attacks.count && signs.isWhole(classes: classes)
      && seconds.allSatisfy { $0.isFinite && $0 >= 0 }
  }
}
