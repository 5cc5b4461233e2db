// Clean and robust accuracy per class, over all ranks.
//
// Examples fall to ranks as consecutive runs; every one is judged alone (running statistics, addressed randomness), so
// the counts are the same on any number of ranks, and the same whenever the same weights are judged again.

import Attacks
import Classification
import Communication
import Datasets
import Failures
import Fairness
import Networks
import Parallelism
import Tensors

/// Thrown on all ranks where logits are NaN or infinite: there is no prediction, and no gradient to attack by.
package struct LogitOverflow: Error {}

/// Judges weights on a set of examples.
package final class Evaluator {
  let network: any Network
  let communicator: any Communicator
  let pool: ThreadPool
  let batchSize: Int
  let stop: StopAgreement
  let images: Tensor
  let adversaries: Tensor
  let workspace: AttackWorkspace

  /// - Parameters:
  ///   - batchSize: examples a rank takes at once, the same on all ranks; changes nothing but speed and memory.
  ///   - stop: asked before every pass: a block of a wide network takes many seconds.
  package init(
    network: any Network, communicator: any Communicator, pool: ThreadPool, batchSize: Int, asking stop: StopAgreement
  ) {
    self.network = network
    self.communicator = communicator
    self.pool = pool
    self.batchSize = batchSize
    self.stop = stop
    let size = network.configuration
    let shape = Shape(n: batchSize, h: size.height, w: size.width, c: 3)
    images = Tensor(shape)
    adversaries = Tensor(shape)
    workspace = AttackWorkspace(examples: batchSize, classes: size.classes, pool: pool)
    network.reserve(examples: batchSize, shardSize: 1)
  }

  /// What becomes of the examples `indices` of `data` under an attack: the same on all ranks.
  ///
  /// Attacks run one after another, each in rounds of a block a rank; what a round found is exchanged at its end.
  /// - Parameters:
  ///   - purpose: which stream the random numbers come from; with `seed` and an example's index it is their address.
  ///   - record: what an evaluation of the same came to before it was stopped; what it has judged is not judged again.
  ///   - found: called on every rank after each round with the examples that it judged there, by their place among
  ///     `indices`, and what was found of them: the images themselves, then, after each attack, an adversary or the image.
  ///   - beat: called before every pass.
  ///   - progress: called after each round, with all that is known then.
  /// - Throws: `Interruption` between two passes, on all ranks, where one asks to stop; `LogitOverflow` after a round.
  package func evaluate(
    _ data: LabeledImages, indices: [Int], state: Model, attack: AttackPlan, seed: UInt64, purpose: RandomPurpose,
    from record: EvaluationRecord? = nil, found keep: ((_ examples: [Int], _ images: Tensor) throws -> Void)? = nil,
    beat: @escaping () -> Void = {},
    progress: (EvaluationProgress, EvaluationRecord) throws -> Void = { _, _ in }
  ) throws -> AttackEvaluation {
    network.prepare(state)
    let labels = indices.map { Int(data.labels[$0]) }
    var record =
      record
      ?? EvaluationRecord(
        Verdicts(labels: labels, classCount: network.classCount, attacks: attack.stages.map(\.name)),
        classes: network.classCount)
    let clock = ContinuousClock()
    for stage in -1..<attack.stages.count {
      let places = record.verdicts.due(stage, attacksAll: stage == 0 && attack.attacksAll)
      let began = clock.now
      var (judged, last) = (0, began)
      for round in rounds(places, attack, stage) {
        let own = share(of: round)
        let pace = PassAgreement(stop, communicator)
        var found = [Int64](repeating: 0, count: round.count)
        var signs = AttackSigns(classCount: network.classCount)
        if !own.isEmpty {
          let block = round[own].map { indices[$0] }
          let classifier = GradientCounter(
            InterruptibleClassifier(
              NetworkClassifier(network, state, .running, BatchSlice(whole: block.count))
            ) {
              beat()
              try pace.work()
            })
          let predictions = try judge(
            data, block, stage < 0 ? nil : (attack, stage),
            round[own].map { Int(record.verdicts.examples[$0].clean) }, seed, purpose, classifier, &signs)
          for (place, prediction) in zip(own, predictions) { found[place] = Int64(prediction) }
          signs.see(classifier)
        }
        try pace.end()
        try found.withUnsafeMutableBufferPointer { try communicator.allReduceSum($0) }
        try signs.reduce(communicator)
        // Together, so that none is left waiting for the others.
        guard signs.overflows == 0 else { throw LogitOverflow() }
        record.signs.add(signs)
        try keep?(Array(round[own]), (stage < 0 ? images : adversaries).prefix(own.count))
        for (place, example) in round.enumerated() {
          if stage < 0 {
            record.verdicts.record(clean: Int(found[place]), of: example)
          } else {
            record.verdicts.record(Int(found[place]), after: stage, of: example)
          }
        }
        if stage >= 0 { record.seconds[stage] += (clock.now - last) / .seconds(1) }
        last = clock.now
        judged += round.count
        try progress(
          EvaluationProgress(
            attack, stage, judged: judged, of: places.count,
            robust: record.verdicts.examples.count(where: \.isRobust), seconds: (last - began) / .seconds(1),
            classes: network.classCount), record)
      }
    }
    let verdicts = record.verdicts
    // Around an image there is nothing but the image.
    if attack.epsilon == 0, let example = verdicts.examples.firstIndex(where: { $0.attacked != $0.clean }) {
      throw Failure(
        .internal,
        "\(attack.title) of radius 0 changed the prediction of image \(example): please report it with the command")
    }
    return AttackEvaluation(
      attack: attack.title, norm: attack.norm == .linf ? nil : attack.norm.rawValue, verdicts, seconds: record.seconds,
      warnings: record.signs.warnings(attack)
        + [
          .blackBox(verdicts, attack.blackBoxes), .robustAboveClean(verdicts),
          .unequalClasses(clean: verdicts.clean, robust: verdicts.robust),
        ].compactMap(\.self))
  }

  /// Examples, a block for each rank at a time; the last blocks are no smaller than the others.
  private func rounds(_ places: [Int], _ plan: AttackPlan, _ stage: Int) -> [[Int]] {
    let most = (stage < 0 ? batchSize : blockSize(plan.stages[stage].attack)) * communicator.size
    let count = (places.count + most - 1) / most
    return (0..<count).map { Array(places[$0 * places.count / count..<($0 + 1) * places.count / count]) }
  }

  /// Examples that a rank searches for at once.
  ///
  /// What became of a block is kept when all of it is searched through. So that a stop costs minutes at most, a thread takes as many
  /// as it is through with after some 3·10¹³ operations; but 16, since many share the reading of the filters.
  private func blockSize(_ attack: any Attack) -> Int {
    let passes = attack.passes(classes: network.classCount)
    let operations = Double(passes.forward + passes.gradient) * Double(network.flops)
    return min(batchSize, max(16, Int(min(3e13 / operations, 1e6))) * pool.threadCount)
  }

  /// Which of a round's examples this rank judges.
  private func share(of round: [Int]) -> Range<Int> {
    let (rank, size) = (communicator.rank, communicator.size)
    return rank * round.count / size..<(rank + 1) * round.count / size
  }

  /// What is predicted of a block, as it is or after a stage of an attack.
  private func judge(
    _ data: LabeledImages, _ block: [Int], _ stage: (plan: AttackPlan, number: Int)?, _ clean: [Int], _ seed: UInt64,
    _ purpose: RandomPurpose, _ classifier: some DifferentiableClassifier, _ signs: inout AttackSigns
  ) throws -> [Int] {
    let labels = block.map { Int(data.labels[$0]) }
    let x = images.prefix(block.count)
    pool.forEach(block.count) { n, _ in data.write(block[n], to: x.image(n)) }
    guard let (plan, number) = stage else {
      let logits = try classifier.logits(of: x)
      signs.see(clean: logits)
      return labels.indices.map { CrossEntropy.prediction(logits, $0) }
    }
    let attack = plan.stages[number]
    var predictions = labels
    var remaining = Array(labels.indices)
    for restart in 0..<attack.restarts where !remaining.isEmpty {
      let problem = AttackProblem(
        x, into: adversaries.prefix(block.count), goals: labels.map { .avoid($0) },
        within: ThreatModel(plan.norm, epsilon: [Float](repeating: plan.epsilon, count: block.count)),
        random: AttackRandomness(
          seed: seed, purpose: purpose, examples: block, restart: number * Self.variants + restart),
        predictions: clean
      ).selecting(remaining)
      let found = try attack.attack.judged(problem, of: classifier, workspace)
      for n in remaining { predictions[n] = found[n] }
      remaining.removeAll { predictions[$0] != labels[$0] }
    }
    return predictions
  }

  /// Searches with random numbers of their own that a stage of several may make of one example.
  private static let variants = 128
}
