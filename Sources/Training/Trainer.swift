// The training loop.
//
//   for each epoch:   for each batch:  gradient and counts of the shards, by the method
//                                      sums over all ranks, along the tree
//                                      optimizer step, the same on every rank
//                     prior and margins from the summed counts
//                     validation, averages, checkpoint
//
// FAIR-TAT's algorithm (arXiv 2410.23142), target_train_new.py; what differs is listed in docs/methods.md.

import Classification
import Communication
import Datasets
import Evaluation
import Failures
import Fairness
import Methods
import Networks
import Parallelism
import Recipes
import Tensors

/// Trains; calls its observer after every step and epoch.
package final class Trainer {
  package let run: Run
  package private(set) var state: TrainingState
  private let context: StepContext
  private let sums: StepSums
  private let images: Tensor
  private let policies: [any FairnessPolicy]
  private var recipe: Recipe { run.recipe }

  /// Goes on from a state; `run.initialState()` starts from the beginning.
  package init(_ run: Run, from state: TrainingState) {
    self.run = run
    self.state = state
    let share = Run.largestShare(run.recipe, run.communicator)
    context = StepContext(
      network: run.network, state: state.model, gradients: GradientSum(run.network.parameters, pool: run.pool),
      pool: run.pool, seed: run.recipe.training.seed, attackStatistics: run.recipe.attack.batchStatistics,
      examples: share)
    sums = StepSums(run)
    let heartbeat = run.heartbeat
    context.workspace.stepBegins = { heartbeat.enter(.attack, part: $0 + 1) }
    context.trainingBegins = { heartbeat.enter(.training) }
    images = Tensor(Shape(n: share, h: run.dataset.height, w: run.dataset.width, c: 3))
    policies = run.recipe.fairnessPolicies
  }

  /// Trains to the end of the recipe, or until the observer stops.
  ///
  /// - Throws: `Failure(.internal)` for a loss that is no number, or ranks that disagree.
  package func train(_ observer: any TrainingObserver) throws {
    let plan = BatchPlan(count: run.split.train.count, batchSize: recipe.training.batchSize)
    while state.epoch < recipe.training.epochs {
      let order = EpochOrder(count: run.split.train.count, seed: recipe.training.seed, epoch: state.epoch)
      let learningRate = recipe.training.learningRate(epoch: state.epoch)
      run.network.prepare(state.model)
      while state.stepInEpoch < plan.steps {
        let line = try step(order.positions[plan.positions(ofStep: state.stepInEpoch)], learningRate)
        guard try observer.stepEnded(line, of: plan.steps, state) else { return }
      }
      guard try observer.epochEnded(try endEpoch(), state) else { return }
    }
  }

  /// One step on the training examples at `positions` of the split.
  private func step(_ positions: ArraySlice<Int>, _ learningRate: Double) throws -> StepLine {
    let start = monotonicSeconds()
    run.heartbeat.enter(epoch: state.epoch + 1, step: state.step + 1)
    _ = run.heartbeat.takeWaited()
    let layout = ShardLayout(batchSize: positions.count, shardSize: recipe.training.shardSize)
    let batch = load(
      Array(positions), BatchSlice(layout: layout, rank: run.communicator.rank, size: run.communicator.size))
    context.state = state.model
    let report = try run.method.step(batch, state.fairness, context)
    state.model = context.state
    let statistics = run.reduction.takeSeconds()
    let trained = monotonicSeconds()
    run.heartbeat.enter(.reduction)
    // Who is done early waits here, not in the sum.
    try run.communicator.barrier()
    let met = monotonicSeconds()
    let (counts, lossSum) = try sums.reduce(report, context.gradients, batch.slice)
    let reduced = monotonicSeconds()
    run.heartbeat.enter(.optimizer)
    let loss = lossSum / Double(layout.batchSize)
    guard loss.isFinite else {
      throw Failure(
        .internal,
        "the loss became \(loss.isNaN ? "NaN" : "infinite") in epoch \(state.epoch + 1), step \(state.stepInEpoch + 1): lower training.learning-rate "
          + "(now \(learningRate)), or resume from an earlier checkpoint with a smaller one")
    }
    state.optimizer.step(
      state.model.parameters, gradient: sums.gradient, learningRate: Float(learningRate), run.pool)
    run.network.prepare(state.model)
    state.fairness.add(counts)
    state.lossSum += lossSum
    state.stepInEpoch += 1
    state.step += 1
    if let interval = recipe.fairness.interval, state.stepInEpoch % interval == 0 {
      state.fairness.endInterval(policies)
    }
    let seconds = monotonicSeconds() - start
    return StepLine(
      epoch: state.epoch, step: state.step, loss: loss, learningRate: learningRate, images: layout.batchSize,
      correct: counts.totalCorrect,
      seconds: StepSeconds(
        attack: report.attackSeconds, training: report.trainingSeconds, statistics: statistics,
        reduction: reduced - met, waiting: met - trained),
      totalSeconds: seconds, ownSeconds: seconds - run.heartbeat.takeWaited(), ownImages: batch.slice.count)
  }

  /// This rank's part of a batch, augmented.
  private func load(_ positions: [Int], _ slice: BatchSlice) -> TrainingBatch {
    let first = slice.shards.isEmpty ? 0 : slice.layout.examples(of: slice.shards.lowerBound).lowerBound
    let examples = positions[first..<first + slice.count].map { run.split.train[$0] }
    let augmentation = Augmentation(crop: recipe.augmentation.crop, flip: recipe.augmentation.flip)
    let own = images.prefix(slice.count)
    run.pool.forEach(slice.count) { n, _ in
      augmentation.write(
        examples[n], of: run.dataset.train, seed: recipe.training.seed, epoch: state.epoch, to: own.image(n))
    }
    return TrainingBatch(
      images: own, labels: examples.map { Int(run.dataset.train.labels[$0]) }, examples: examples, slice: slice,
      epoch: state.epoch)
  }

  /// Closes an epoch: fairness, validation, averages, agreement.
  private func endEpoch() throws -> EpochLine {
    let ended = state.epoch
    let isLast = ended + 1 == recipe.training.epochs
    let count = run.split.train.count
    let record = state.fairness.endEpoch(policies)
    precondition(record.classCount.reduce(0, +) == Int64(count), "an epoch is not the training set")
    let loss = state.lossSum / Double(count)
    (state.epoch, state.stepInEpoch, state.lossSum) = (ended + 1, 0, 0)

    var validation: [String: AttackEvaluation] = [:]
    if !run.split.validation.isEmpty,
      Self.isDue(recipe.evaluation.validationEvery, ended, isLast) || needsValidation(ended)
    {
      validation["raw"] = try judge(run.dataset.train, run.split.validation, state.model, .validationAttack)
    }
    try updateAverages(ended, validation["raw"])
    var test: [String: AttackEvaluation] = [:]
    if Self.isDue(recipe.evaluation.every, ended, isLast) {
      test["raw"] = try judge(run.dataset.test, Array(0..<run.dataset.test.count), state.model, .evaluationAttack)
    }
    if Self.isDue(recipe.evaluation.averagesEvery, ended, isLast) {
      for (name, average) in state.averages {
        // An average that accepted nothing is the current model.
        guard average.accepted > 0 else {
          validation[name] = validation["raw"]
          test[name] = test["raw"]
          continue
        }
        if !run.split.validation.isEmpty {
          validation[name] = try judge(run.dataset.train, run.split.validation, average.state, .validationAttack)
        }
        if test["raw"] != nil {
          test[name] = try judge(run.dataset.test, Array(0..<run.dataset.test.count), average.state, .evaluationAttack)
        }
      }
    }
    let isBest = rememberBest(ended, validation["raw"])
    let digest = state.digest()
    try run.communicator.agree(
      on: digest, what: "the state after epoch \(ended)", code: .internal,
      cure: "resume from the last checkpoint; if it happens again, look for a faulty host among them")
    return EpochLine(
      epoch: ended, step: state.step, digest: digest, loss: loss, record: record, validation: validation, test: test,
      accepted: Dictionary(uniqueKeysWithValues: state.averages.map { ($0.name, $0.average.accepted) }), isBest: isBest,
      isLast: isLast)
  }

  private static func isDue(_ every: Int, _ epoch: Int, _ isLast: Bool) -> Bool {
    isLast || every > 0 && (epoch + 1) % every == 0
  }

  private func needsValidation(_ epoch: Int) -> Bool { fawaPolicy?.needsValidation(epoch: epoch) ?? false }

  private var averagingStart: Int {
    (0..<recipe.training.epochs).first { recipe.averaging.start.isReached(epoch: $0, of: recipe.training.epochs) }
      ?? recipe.training.epochs
  }

  private var fawaPolicy: AveragePolicy? {
    state.fawa == nil ? nil : .fawa(start: averagingStart, threshold: recipe.averaging.fawaThreshold.value)
  }

  /// Rank 0 decides what each average takes in, and all do it.
  private func updateAverages(_ epoch: Int, _ validation: AttackEvaluation?) throws {
    let decay = recipe.averaging.decay.float
    if state.ema != nil {
      let step = AveragePolicy.ema(start: averagingStart).step(
        epoch: epoch, accepted: state.ema!.accepted, robust: validation?.robust)
      state.ema!.apply(step, state.model, decay: decay)
    }
    if let policy = fawaPolicy {
      let decision = policy.step(epoch: epoch, accepted: state.fawa!.accepted, robust: validation?.robust)
      let published = try run.communicator.broadcast(decision.rawValue)
      state.fawa!.apply(AverageStep(rawValue: published) ?? .skip, state.model, decay: decay)
    }
  }

  private func rememberBest(_ epoch: Int, _ validation: AttackEvaluation?) -> Bool {
    guard let result = validation?.result else { return false }
    let score = result.robustAccuracy + result.robustWorst
    if let best = state.best, best.score >= score { return false }
    state.best = BestEpoch(step: state.step, epoch: epoch, score: score)
    return true
  }

  private func judge(
    _ data: LabeledImages, _ indices: [Int], _ weights: ModelState, _ purpose: RandomPurpose
  ) throws -> AttackEvaluation {
    run.heartbeat.enter(.evaluation)
    return try run.evaluator.evaluate(
      data, indices: indices, state: weights, attack: recipe.evaluationAttack, seed: recipe.training.seed,
      purpose: purpose
    ) { judged, _ in run.heartbeat.enter(.evaluation, part: judged) }
  }
}
