// Clean and robust accuracy per class, over all ranks.
//
// Examples fall to ranks as consecutive runs; every one is judged alone (running statistics, addressed randomness), so
// the counts are the same on any number of ranks, and the same whenever the same weights are judged again.

import Attacks
import Classification
import Communication
import Datasets
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

  /// The confusion matrices of `state` on the examples `indices` of `data`, clean and attacked, summed over all ranks.
  ///
  /// - Parameters:
  ///   - purpose: which stream the random starts come from; with `seed` and an example's index it is their address.
  ///   - progress: called after each block with the number of examples this rank has judged, and all it has to.
  /// - Throws: `Interruption` between two passes, on all ranks, where one asks to stop; `LogitOverflow` after a block.
  package func evaluate(
    _ data: LabeledImages, indices: [Int], state: Model, attack: EvaluationAttack, seed: UInt64,
    purpose: RandomPurpose, progress: (Int, Int) throws -> Void = { _, _ in }
  ) throws -> AttackEvaluation {
    network.prepare(state)
    let (rank, size) = (communicator.rank, communicator.size)
    let own = Array(indices[rank * indices.count / size..<(rank + 1) * indices.count / size])
    var clean = ConfusionMatrix(classCount: network.classCount)
    var robust = clean
    var signs = AttackSigns(classCount: network.classCount)
    // As many blocks on every rank, although shares differ by an example.
    let share = (indices.count + size - 1) / size
    for first in stride(from: 0, to: share, by: batchSize) {
      let block = Array(own[min(own.count, first)..<min(own.count, first + batchSize)])
      if block.isEmpty {
        for _ in 0..<attack.passes { try stop.agree(communicator) }
      } else {
        try judge(data, block, state, attack, seed, purpose, &clean, &robust, &signs)
      }
      // Together, so that none is left waiting for the others.
      guard try communicator.maximum(Int(signs.overflows)) == 0 else { throw LogitOverflow() }
      try progress(min(own.count, first + batchSize), own.count)
    }
    try clean.withUnsafeMutableBuffer { try communicator.allReduceSum($0) }
    try robust.withUnsafeMutableBuffer { try communicator.allReduceSum($0) }
    try signs.reduce(communicator)
    precondition(clean.total == Int64(indices.count) && robust.total == clean.total, "an example was lost")
    return AttackEvaluation(
      attack: attack.name, clean: clean, robust: robust,
      warnings: signs.warnings(attack) + [.unequalClasses(clean: clean, robust: robust)].compactMap(\.self))
  }

  private func judge(
    _ data: LabeledImages, _ block: [Int], _ state: Model, _ attack: EvaluationAttack, _ seed: UInt64,
    _ purpose: RandomPurpose, _ clean: inout ConfusionMatrix, _ robust: inout ConfusionMatrix,
    _ signs: inout AttackSigns
  ) throws {
    let labels = block.map { Int(data.labels[$0]) }
    let x = images.prefix(block.count)
    let adversarial = adversaries.prefix(block.count)
    pool.forEach(block.count) { n, _ in data.write(block[n], to: x.image(n)) }
    let classifier = GradientCounter(
      InterruptibleClassifier(
        NetworkClassifier(network, state, .running, BatchSlice(whole: block.count))
      ) { [stop, communicator] in try stop.agree(communicator) })
    let logits = try classifier.logits(of: x)
    signs.see(clean: logits)
    var predictions = labels.indices.map { CrossEntropy.prediction(logits, $0) }
    for (label, prediction) in zip(labels, predictions) { clean.record(label: label, prediction: prediction) }
    predictions = labels
    for restart in 0..<attack.restarts {
      try PGD(steps: attack.steps, stepSize: attack.stepSize)(
        x, into: adversarial, goals: labels.map { .avoid($0) },
        within: ThreatModel(epsilon: [Float](repeating: attack.epsilon, count: block.count)), of: classifier,
        random: AttackRandomness(seed: seed, purpose: purpose, examples: block, restart: restart), workspace)
      let logits = try classifier.logits(of: adversarial)
      signs.see(logits)
      for n in labels.indices where predictions[n] == labels[n] { predictions[n] = CrossEntropy.prediction(logits, n) }
    }
    for (label, prediction) in zip(labels, predictions) { robust.record(label: label, prediction: prediction) }
    signs.gradients += classifier.count
    signs.zeroGradients += classifier.zeros
  }
}
