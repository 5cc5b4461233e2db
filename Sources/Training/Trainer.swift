// The training loop.
//
//   for each epoch:   for each batch:  at the start of an interval, class settings and prior from the counts of the last
//                                      gradient and counts of the shards, by the method
//                                      sums over all ranks, along the tree
//                                      optimizer step, the same on every rank
//                     validation
//                     class settings and prior from the summed counts, averages, checkpoint
//
// Every sum over the ranks also asks whether to stop. Then the unfinished step, or the unfinished end of an epoch, is dropped.
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

/// Trains; calls its observer after every step and epoch.
package final class Trainer {
  package let run: Run
  package private(set) var state: TrainingState
  private let context: StepContext
  private let sums: StepSums
  /// The running statistics before the step: the passes of a step move them.
  private let statisticsBefore: ParameterBuffer
  private let loader: BatchLoader
  private let policies: [any FairnessPolicy]
  private let learningRates: Schedule
  private let clip: GradientClip?
  /// Where each example has a prior of its own.
  private let confusions: ConfusionExchange?
  private var recipe: Recipe { run.recipe }

  /// Goes on from a state; `run.initialState()` starts from the beginning.
  package init(_ run: Run, from state: TrainingState) {
    self.run = run
    self.state = state
    let share = run.share
    context = StepContext(
      network: run.network, state: state.model, gradients: GradientSum(run.network.parameters, pool: run.pool),
      pool: run.pool, seed: run.recipe.training.seed, examples: share, method: run.method,
      keepsConfusion: state.confusion != nil, dropsAttackPaths: run.recipe.attack.dropPath == .on,
      attackPrecision: run.recipe.attack.precision)
    sums = StepSums(run)
    statisticsBefore = ParameterBuffer(run.network.statistics)
    let (heartbeat, communicator) = (run.heartbeat, run.communicator)
    context.workspace.allAgree = { try communicator.maximum($0 ? 0 : 1) == 0 }
    context.workspace.stepBegins = { heartbeat.enter(.attack, part: $0 + 1) }
    context.trainingBegins = { heartbeat.enter(.training) }
    loader = BatchLoader(run, share: share)
    policies = run.method.policies + run.recipe.fairnessPolicies
    learningRates = run.recipe.training.learningRates
    clip = run.recipe.training.clipNorm.map { GradientClip(run.network.parameters, largest: $0.value) }
    confusions = state.confusion.map { _ in
      ConfusionExchange(
        run.communicator, batch: min(run.recipe.training.batchSize, run.split.train.count),
        classes: run.network.classCount)
    }
  }

  /// Trains to the end of the recipe, or until the observer stops.
  ///
  /// - Throws: `Divergence` for a loss or weights that are no numbers; `Failure(.internal)` for ranks that disagree; `Interruption` where a rank asks
  ///   to stop: `state` is then that after the last step, and going on from it leads where this run would have led.
  package func train(_ observer: any TrainingObserver) throws {
    let plan = run.batches
    try begin()
    while state.epoch < recipe.training.epochs {
      let order = EpochOrder(count: run.split.train.count, seed: recipe.training.seed, epoch: state.epoch)
      run.network.prepare(state.model)
      while state.stepInEpoch < plan.steps {
        beginInterval()
        let learningRate = learningRates.rate(epoch: state.epoch, step: state.stepInEpoch, of: plan.steps)
        let line = try step(order.positions[plan.positions(ofStep: state.stepInEpoch)], learningRate)
        guard try observer.stepEnded(line, of: plan.steps, state) else { return }
      }
      guard try observer.epochEnded(try closeEpoch(), state) else { return }
    }
  }

  /// Before the first step, lets the policies act that begin with validation; once, though a run may be stopped there.
  private func begin() throws {
    guard state.step == 0, state.fairness.memory.isEmpty, policies.needsValidation(before: 0) else { return }
    do {
      guard let validation = try run.validate(state.model) else { return }
      state.fairness.begin(policies, validation: validation)
    } catch is LogitOverflow {
      throw Divergence(
        what: "the logits are NaN or infinite in the validation before the first step",
        learningRate: recipe.training.learningRate.value)
    }
  }

  /// Lets the policies act where an interval within the epoch begins; the epoch's first is begun by the end of the last.
  private func beginInterval() {
    guard let interval = recipe.fairness.interval, state.stepInEpoch > 0 else { return }
    if state.stepInEpoch % interval == 0 { state.fairness.beginInterval(policies) }
  }

  /// One step on the training examples at `positions` of the split.
  private func step(_ positions: ArraySlice<Int>, _ learningRate: Double) throws -> StepLine {
    let start = monotonicSeconds()
    run.heartbeat.enter(epoch: state.epoch + 1, step: state.step + 1)
    _ = run.heartbeat.takeWaited()
    let layout = ShardLayout(batchSize: positions.count, shardSize: recipe.training.shardSize)
    let batch = loader.load(
      positions, BatchSlice(layout: layout, rank: run.communicator.rank, size: run.communicator.size),
      epoch: state.epoch)
    context.confusion = state.epoch >= recipe.fairness.firstPriorEpoch ? state.confusion : nil
    let pass = try pass(batch)
    let met = monotonicSeconds()
    try sums.reduce(context.gradients, batch.slice)
    let reduced = monotonicSeconds()
    run.heartbeat.enter(.optimizer)
    let (report, counts, lossSum) = (pass.report, pass.counts, pass.lossSum)
    let loss = lossSum / Double(layout.batchSize)
    guard loss.isFinite else {
      throw Divergence(
        what: "the loss became \(loss.isNaN ? "NaN" : "infinite") in epoch \(state.epoch + 1), "
          + "step \(state.stepInEpoch + 1)",
        learningRate: learningRate)
    }
    if let confusions, let confusion = state.confusion {
      let first = positions.startIndex
      try confusions.store(context.ownConfusion, batch.slice, in: confusion) { run.split.train[positions[first + $0]] }
    }
    clip?.apply(sums.gradient, run.pool)
    state.optimizer.step(
      state.model.parameters, gradient: sums.gradient, learningRate: Float(learningRate), number: state.step + 1,
      run.pool)
    run.network.prepare(state.model)
    state.fairness.add(counts, predictions: pass.predictions)
    state.lossSum += lossSum
    state.stepInEpoch += 1
    state.step += 1
    let seconds = monotonicSeconds() - start
    return StepLine(
      epoch: state.epoch, step: state.step, loss: loss, learningRate: learningRate, images: layout.batchSize,
      correct: counts.totalCorrect,
      seconds: StepSeconds(
        attack: report.attackSeconds, training: report.trainingSeconds, statistics: pass.statisticsSeconds,
        reduction: reduced - met, waiting: met - pass.end),
      totalSeconds: seconds, ownSeconds: seconds - run.heartbeat.takeWaited(), ownImages: batch.slice.count)
  }

  /// The part of a step before anything but running statistics changes: the method, and the small sums, where who is done
  /// early waits. Interrupted, it puts the statistics back.
  private func pass(
    _ batch: TrainingBatch
  ) throws -> (
    report: StepReport, counts: ClassCounts, lossSum: Double, predictions: [Int64], statisticsSeconds: Double,
    end: Double
  ) {
    statisticsBefore.copy(from: state.model.statistics)
    let tracked = state.model.batchesTracked
    do {
      let report = try run.method.step(
        batch, state.fairness, context,
        sumsPredictions: policies.needsPredictions(during: state.epoch, state.fairness.memory))
      let statisticsSeconds = run.reduction.takeSeconds()
      let end = monotonicSeconds()
      run.heartbeat.enter(.reduction)
      let total = try sums.reduce(report, batch.slice)
      return (report, total.counts, total.lossSum, total.predictions, statisticsSeconds, end)
    } catch let interruption as Interruption {
      state.model.statistics.copy(from: statisticsBefore)
      state.model.batchesTracked = tracked
      throw interruption
    }
  }

  /// Closes an epoch; weights that are numbers, but whose logits are none, have diverged as well.
  private func closeEpoch() throws -> EpochLine {
    do {
      return try endEpoch()
    } catch is LogitOverflow {
      throw Divergence(
        what: "the logits became NaN or infinite in the evaluation after epoch \(state.epoch + 1)",
        learningRate: run.lastLearningRate(state))
    }
  }

  /// Closes an epoch: validation and test, then fairness, averages, agreement.
  ///
  /// The state changes only when all is judged, so that an interruption leaves it as the last step did.
  private func endEpoch() throws -> EpochLine {
    let ended = state.epoch
    let isLast = ended + 1 == recipe.training.epochs
    // The last step's weights have no loss yet that could tell.
    guard state.isFinite else {
      throw Divergence(
        what: "the weights overflowed in the last step of epoch \(ended + 1), step \(state.step) of the run",
        learningRate: run.lastLearningRate(state))
    }
    var validation: [String: AttackEvaluation] = [:]
    if Self.isDue(recipe.evaluation.validationEvery, ended, isLast)
      || state.averages.contains(where: { $0.policy.needsValidation(epoch: ended) })
      || !isLast && policies.needsValidation(before: ended + 1)
    {
      validation["raw"] = try run.validate(state.model)
    }
    // After the last epoch too: the run may be given more.
    let losses = policies.needsLosses(before: ended + 1) ? try run.validationLosses(state.model) : nil
    var test: [String: AttackEvaluation] = [:]
    if Self.isDue(recipe.evaluation.every, ended, isLast) { test["raw"] = try run.test(state.model) }
    let steps = try averageSteps(ended, validation["raw"])
    if Self.isDue(recipe.evaluation.averagesEvery, ended, isLast) {
      for (average, step) in zip(state.averages, steps) {
        let next = trial(of: average, step)
        // An average that accepted nothing is the current model.
        validation[next.name] = next.accepted > 0 ? try run.validate(next.state) : validation["raw"]
        if let raw = test["raw"] { test[next.name] = next.accepted > 0 ? try run.test(next.state) : raw }
      }
    }

    let count = run.split.train.count
    let record = state.fairness.endEpoch(policies, validation: validation["raw"], losses: losses)
    precondition(record.classCount.reduce(0, +) == Int64(count), "an epoch is not the training set")
    if let confusion = state.confusion, state.fairness.epoch >= recipe.fairness.firstPriorEpoch {
      // For the log: what targets are drawn from on average.
      state.fairness.prior = confusion.mean(of: run.split.train) { Int(run.dataset.train.labels[$0]) }
    }
    let loss = state.lossSum / Double(count)
    (state.epoch, state.stepInEpoch, state.lossSum) = (ended + 1, 0, 0)
    for (i, step) in steps.enumerated() {
      state.averages[i].apply(step, state.model, decay: recipe.averaging.decay.float)
    }
    let isBest = rememberBest(ended, validation["raw"])
    let digest = state.digest()
    try run.communicator.agree(
      on: digest, what: "the state after epoch \(ended)", code: .internal,
      cure: "resume from the last checkpoint; if it happens again, look for a faulty host among them")
    return EpochLine(
      epoch: ended, step: state.step, digest: digest, loss: loss, record: record, validation: validation, test: test,
      accepted: state.accepted, isBest: isBest, isLast: isLast)
  }

  private static func isDue(_ every: Int, _ epoch: Int, _ isLast: Bool) -> Bool {
    isLast || every > 0 && (epoch + 1) % every == 0
  }

  /// What each average does with the weights; where it depends on validation, rank 0 decides.
  private func averageSteps(_ epoch: Int, _ validation: AttackEvaluation?) throws -> [AverageStep] {
    try state.averages.map { average in
      let step = average.policy.step(epoch: epoch, accepted: average.accepted, robust: validation?.robust)
      guard average.policy.threshold != nil else { return step }
      return AverageStep(rawValue: try run.communicator.broadcast(step.rawValue))!
    }
  }

  /// What an average would become, in memory that a step uses and nobody needs between steps.
  private func trial(of average: NamedAverage, _ step: AverageStep) -> NamedAverage {
    var trial = average
    trial.state = Model(parameters: sums.gradient, statistics: statisticsBefore)
    trial.state.copy(from: average.state)
    trial.apply(step, state.model, decay: recipe.averaging.decay.float)
    return trial
  }

  private func rememberBest(_ epoch: Int, _ validation: AttackEvaluation?) -> Bool {
    guard let result = validation?.result else { return false }
    let score = result[.robust] + result[.robustWorst]
    if let best = state.best, best.score >= score { return false }
    state.best = BestEpoch(step: state.step, epoch: epoch, score: score)
    return true
  }
}
