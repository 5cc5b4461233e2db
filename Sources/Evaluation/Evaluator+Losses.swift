// A method's own loss on held-out examples, by class: what WAT weights its classes by.

import Attacks
import Classification
import Communication
import Datasets
import Fairness
import Networks
import Tensors

extension Evaluator {
  /// Σ loss of each class on the examples `indices` of `data`, each attacked away from its label, summed over all ranks.
  ///
  /// - Parameters:
  ///   - epsilon: the radius for every class.
  ///   - loss: from the K logits of the clean and of the attacked image.
  /// - Throws: `Interruption` between two passes, on all ranks, where one asks to stop; `LogitOverflow`.
  package func losses(
    _ data: LabeledImages, indices: [Int], state: Model, attack: PGD, epsilon: Float, seed: UInt64,
    loss: (_ clean: UnsafePointer<Float>, _ attacked: UnsafePointer<Float>, _ label: Int) -> Float
  ) throws -> ClassLosses {
    network.prepare(state)
    let (rank, size) = (communicator.rank, communicator.size)
    let own = Array(indices[rank * indices.count / size..<(rank + 1) * indices.count / size])
    var losses = ClassLosses(classCount: network.classCount)
    var overflows = 0
    let clean = Tensor(Shape(n: batchSize, c: network.classCount))
    let share = (indices.count + size - 1) / size
    for first in stride(from: 0, to: share, by: batchSize) {
      let block = Array(own[min(own.count, first)..<min(own.count, first + batchSize)])
      let pace = PassAgreement(stop, communicator)
      guard !block.isEmpty else {
        try pace.end()
        continue
      }
      let labels = block.map { Int(data.labels[$0]) }
      let (x, adversarial) = (images.prefix(block.count), adversaries.prefix(block.count))
      pool.forEach(block.count) { n, _ in data.write(block[n], to: x.image(n)) }
      let classifier = InterruptibleClassifier(
        NetworkClassifier(network, state, .running, BatchSlice(whole: block.count))
      ) { try pace.work() }
      try attack(
        AttackProblem(
          x, into: adversarial, goals: labels.map { .avoid($0) },
          within: ThreatModel(epsilon: [Float](repeating: epsilon, count: block.count)),
          random: AttackRandomness(seed: seed, purpose: .validationAttack, examples: block, restart: 512)),
        of: classifier, workspace)
      let logits = try classifier.logits(of: x)
      clean.pointer.update(from: logits.pointer, count: block.count * network.classCount)
      let attacked = try classifier.logits(of: adversarial)
      for (n, label) in labels.enumerated() {
        let value = loss(clean.image(n), attacked.image(n), label)
        if value.isFinite { losses.record(label: label, loss: value) } else { overflows += 1 }
      }
      try pace.end()
    }
    try losses.withUnsafeMutableBuffer { try communicator.allReduceSum($0) }
    guard try communicator.maximum(overflows) == 0 else { throw LogitOverflow() }
    return losses
  }
}
