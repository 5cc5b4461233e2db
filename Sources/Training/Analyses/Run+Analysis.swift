// The analysis of one model: its curves, the way of the attack, its targets and its pictures. A call of all ranks, each with the same
// result.

import Attacks
import Communication
import Evaluation
import Fairness
import Networks
import Reports
import Tensors

/// What an analysis needs to know of a model beside its weights.
package struct AnalysedModel: Sendable {
  /// What tables and charts call it, and where it was read from.
  let name: String, place: String
  let subject: EvaluationSubject
  /// One a class.
  let classNames: [String]

  package init(name: String, place: String, subject: EvaluationSubject, classNames: [String]) {
    self.name = name
    self.place = place
    self.subject = subject
    self.classNames = classNames
  }
}

/// What came of one model.
package struct AnalysedRun {
  package let analysis: ModelAnalysis
  /// Its adversaries, those of this rank.
  package let trace: AttackTrace
  /// Of the examples of its most confused pairs, in their order.
  package let pictures: [AnalysisPicture]
}

extension Run {
  /// Called on every rank with what is at work, and the passes that all images together have made.
  package typealias AnalysisListener = (_ work: String, _ passes: Int) throws -> Void

  /// Analyses weights by the test images.
  ///
  /// - Throws: as `test`.
  package func analyse(
    _ weights: Model, _ model: AnalysedModel, by plan: AnalysisPlan, progress: AnalysisListener = { _, _ in }
  ) throws -> AnalysedRun {
    let count = dataset.test.count
    var done = 0
    var evaluated: [AnalysisPlan.Setting: (result: AttackEvaluation, verdicts: Verdicts)] = [:]
    for setting in plan.byEpsilon + plan.bySteps + [plan.setting] where evaluated[setting] == nil {
      let work = "PGD-\(setting.steps), epsilon \(Figures.radius(setting.epsilon))"
      var verdicts: Verdicts?
      let result = try test(
        weights, by: setting.plan,
        progress: { state, record in
          verdicts = record.verdicts
          try progress(work, done + (state.number == 0 ? state.judged : count + state.judged * setting.passes))
        })
      done += count * (1 + setting.passes)
      if let verdicts { evaluated[setting] = (result, verdicts) }
    }
    guard let reference = evaluated[plan.setting] else { preconditionFailure("an analysis without images") }
    let pgd = plan.setting.pgd
    let trace = try judging { beat in
      try evaluator.trace(
        dataset.test, state: weights, attack: pgd, epsilon: Float(plan.epsilon), seed: recipe.training.seed,
        beat: beat
      ) { try progress("loss along the attack", done + $0 * plan.setting.passes) }
    }
    done += count * plan.setting.passes
    precondition(
      trace.predictions == reference.verdicts.examples.map { Int($0.attacked) }, "one attack with two outcomes")
    let targets = TargetedSuccess.targets(reference.result.robust)
    let targeted = try judging { beat in
      try evaluator.targeted(
        dataset.test, state: weights, toward: targets, clean: reference.verdicts.examples.map { Int($0.clean) },
        attack: pgd, epsilon: Float(plan.epsilon), seed: recipe.training.seed,
        beat: beat
      ) { try progress("attacks toward \(targets.count) classes", done + $0 * targets.count * plan.setting.passes) }
    }
    let confused = ConfusedPair.most(reference.verdicts)
    let radii = plan.byEpsilon.compactMap { setting in
      evaluated[setting].map { (Figures.radius(setting.epsilon), $0.verdicts) }
    }
    func curve(_ settings: [AnalysisPlan.Setting]) -> AttackCurve {
      AttackCurve(
        settings.compactMap { setting in
          evaluated[setting].map {
            .init(
              epsilon: setting.epsilon, stepSize: setting.stepSize, steps: setting.steps, $0.result.robust)
          }
        })
    }
    return AnalysedRun(
      analysis: ModelAnalysis(
        name: model.name, place: model.place, subject: model.subject, classNames: model.classNames,
        byEpsilon: curve(plan.byEpsilon), bySteps: curve(plan.bySteps), losses: trace.losses,
        clean: reference.result.clean, robust: reference.result.robust, targeted: targeted, confused: confused,
        warnings: reference.result.warnings + [EvaluationWarning.robustGrows(radii)].compactMap(\.self)),
      trace: trace, pictures: try pictures(of: confused.flatMap(\.examples), trace))
  }

  /// Who is taken for whom among the adversaries of another model, which were made by as many ranks.
  package func transferred(
    _ weights: Model, adversaries: Tensor, progress: (Int) throws -> Void = { _ in }
  ) throws -> ConfusionMatrix {
    try judging { beat in
      try evaluator.transferred(
        dataset.test, state: weights, adversaries: adversaries, beat: beat, progress: progress)
    }
  }

  /// Pictures of examples, wherever their adversaries are.
  private func pictures(of examples: [Int], _ trace: AttackTrace) throws -> [AnalysisPicture] {
    let data = dataset.test
    let (own, size) = (evaluator.own(of: data.count), data.imageSize)
    // Bytes of each adversary, then of its change; zero where another rank has them.
    var bytes = [Int64](repeating: 0, count: 2 * size * examples.count)
    let clean = Tensor(Shape(n: 1, h: data.height, w: data.width, c: 3))
    for (place, example) in examples.enumerated() where own.contains(example) {
      data.write(example, to: clean.pointer)
      let adversarial = trace.adversaries.image(example - own.lowerBound)
      for i in 0..<size {
        bytes[2 * place * size + i] = Int64(AnalysisPicture.byte(adversarial[i]))
        bytes[(2 * place + 1) * size + i] = Int64(AnalysisPicture.byte(change: adversarial[i] - clean.pointer[i]))
      }
    }
    let all = try communicator.sum(bytes).map { UInt8(truncatingIfNeeded: $0) }
    return examples.enumerated().map { place, example in
      AnalysisPicture(
        example: example, height: data.height, width: data.width,
        clean: Array(data.pixels[example * size..<(example + 1) * size]),
        adversarial: Array(all[2 * place * size..<(2 * place + 1) * size]),
        difference: Array(all[(2 * place + 1) * size..<(2 * place + 2) * size]))
    }
  }
}
