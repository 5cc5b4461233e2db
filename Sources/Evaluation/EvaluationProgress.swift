// How far an evaluation is, and how long it may take.

import Attacks

/// What is known after a round of a stage.
package struct EvaluationProgress: Sendable {
  /// The attack at work, or `clean`.
  package let stage: String
  /// Its number, from 1, and how many there are; 0 for the clean images.
  package let number: Int, stages: Int
  /// Examples that it has judged, of those that it has to.
  package let judged: Int, all: Int
  /// Examples of the whole evaluation that nothing has broken yet.
  package let robust: Int
  /// What is left, if passes go on to take as long and examples to break as often as in this stage, and no example breaks in a later
  /// one.
  package let secondsLeft: Double

  /// - Parameters:
  ///   - stage: its number from 0; -1 for the clean images.
  ///   - seconds: that it has taken so far.
  init(
    _ plan: AttackPlan, _ stage: Int, judged: Int, of all: Int, robust: Int, seconds: Double, classes: Int
  ) {
    func passes(_ stage: Int) -> Double {
      guard stage >= 0 else { return 1 }
      let passes = plan.stages[stage].attack.passes(classes: classes)
      return Double(plan.stages[stage].restarts * (passes.forward + passes.gradient + 1))
    }
    self.stage = stage < 0 ? "clean" : plan.stages[stage].name
    number = stage + 1
    stages = plan.stages.count
    (self.judged, self.all, self.robust) = (judged, all, robust)
    let rest = Double(all - judged) * passes(stage)
    let later = (stage + 1..<max(stage + 1, stages)).reduce(0) { $0 + passes($1) } * Double(robust)
    secondsLeft = seconds / max(1, Double(judged) * passes(stage)) * (rest + later)
  }
}
