// Judging weights as the recipe says: the same numbers at the end of an epoch and by `evaluate`.

import Attacks
import Datasets
import Evaluation
import Failures
import Fairness
import Methods
import Networks
import Tensors

extension Run {
  /// Clean and robust accuracy on the test set; a call of all ranks.
  ///
  /// - Parameter attack: the recipe's where not given.
  /// - Throws: `Interruption`, as `Evaluator.evaluate`; for logits that are no numbers `Failure`, or, in
  ///   a training, `LogitOverflow`.
  package func test(
    _ weights: Model, by attack: AttackPlan? = nil, from record: EvaluationRecord? = nil,
    found: ((_ examples: [Int], _ images: Tensor) throws -> Void)? = nil,
    progress: (EvaluationProgress, EvaluationRecord) throws -> Void = { _, _ in }
  ) throws -> AttackEvaluation {
    try judge(
      weights, on: dataset.test, Array(0..<dataset.test.count), .evaluationAttack, attack, record, found, progress)
  }

  /// Who is taken for whom among images as they are, of the size and classes of the network; a call of all ranks.
  ///
  /// - Throws: as `test`.
  package func clean(_ weights: Model, on images: LabeledImages) throws -> ConfusionMatrix {
    try judge(
      weights, on: images, Array(0..<images.count), .evaluationAttack, AttackPlan("none", epsilon: 0, [])
    ).clean
  }

  /// The same on the validation split; nil without validation images.
  func validate(_ weights: Model) throws -> AttackEvaluation? {
    guard !split.validation.isEmpty else { return nil }
    return try judge(weights, on: dataset.train, split.validation, .validationAttack)
  }

  /// The method's own loss on the validation split, under its own first attack with the recipe's radius; nil without
  /// validation images.
  func validationLosses(_ weights: Model) throws -> ClassLosses? {
    guard !split.validation.isEmpty, let problem = method.problems.first else { return nil }
    heartbeat.enter(.evaluation)
    var attack = PGD(
      steps: recipe.attack.steps, stepSize: recipe.attack.stepSize.float, start: problem.start)
    attack.objective = problem.objective
    let loss = PlainLoss(method, classes: network.classCount)
    return try evaluator.losses(
      dataset.train, indices: split.validation, state: weights, attack: attack, epsilon: recipe.attack.epsilon.float,
      seed: recipe.training.seed
    ) { loss($0, $1, $2) }
  }

  private func judge(
    _ weights: Model, on images: LabeledImages, _ indices: [Int], _ purpose: RandomPurpose,
    _ attack: AttackPlan? = nil, _ record: EvaluationRecord? = nil,
    _ found: ((_ examples: [Int], _ images: Tensor) throws -> Void)? = nil,
    _ progress: (EvaluationProgress, EvaluationRecord) throws -> Void = { _, _ in }
  ) throws -> AttackEvaluation {
    let result = try judging { beat in
      try evaluator.evaluate(
        images, indices: indices, state: weights,
        attack: attack ?? recipe.evaluationPlan(classes: network.classCount), seed: recipe.training.seed,
        purpose: purpose, from: record, found: found, beat: beat, progress: progress)
    }
    // What a training keeps is the same whenever it is trained again.
    return trains ? result.withoutStages : result
  }

  /// Measures, saying at every beat that this rank is alive; logits that are no numbers are the user's to know, but in a training.
  func judging<Result>(_ measure: (_ beat: @escaping () -> Void) throws -> Result) throws -> Result {
    heartbeat.enter(.evaluation)
    do {
      return try measure { [heartbeat] in heartbeat.enter(.evaluation) }
    } catch is LogitOverflow where !trains {
      throw Failure(
        .badData,
        "logits of images are NaN or infinite, so that they have no prediction: the weights are finite, but too large to "
          + "compute with; take another checkpoint")
    }
  }
}
