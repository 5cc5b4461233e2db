// Measurements of an analysis: the untargeted attack step by step, attacks toward every class, and the adversaries of other models.
//
// Every rank has a consecutive run of the examples, the same in all measurements of as many examples, so that adversaries stay where they
// were made. Sums are of integers, equal on any number of ranks.

import Attacks
import Classification
import Communication
import Datasets
import Fairness
import Networks
import Tensors

extension Evaluator {
  /// A network behind the questions whether to go on, and whether its logits are numbers.
  private typealias Judge = GradientCounter<InterruptibleClassifier<NetworkClassifier>>

  /// The examples of this rank.
  package func own(of count: Int) -> Range<Int> {
    communicator.rank * count / communicator.size..<(communicator.rank + 1) * count / communicator.size
  }

  /// The untargeted attack on all images, with the random numbers of `evaluate`: its last step predicts what that says.
  ///
  /// - Parameters:
  ///   - beat: called before every pass.
  ///   - progress: called on every rank when so many of all examples are done.
  /// - Throws: `Interruption` between two passes, on all ranks, where one asks to stop; `LogitOverflow` in the end.
  package func trace(
    _ data: LabeledImages, state: Model, attack: PGD, epsilon: Float, seed: UInt64, beat: @escaping () -> Void = {},
    progress: (_ examples: Int) throws -> Void = { _ in }
  ) throws -> AttackTrace {
    let own = own(of: data.count)
    let kept = Tensor(Shape(n: own.count, h: data.height, w: data.width, c: 3))
    var sums = [Int64](repeating: 0, count: attack.steps + 1)
    var predictions = [Int64](repeating: 0, count: data.count)
    try forEachBlock(data, state, beat, progress) { block, x, judge in
      let labels = block.map { Int(data.labels[$0]) }
      let recorder = LossRecorder(judge, labels: labels)
      let adversarial = adversaries.prefix(block.count)
      try attack(
        problem(x, labels.map { .avoid($0) }, epsilon: epsilon, seed: seed, block, into: adversarial), of: recorder,
        workspace)
      let logits = try recorder.logits(of: adversarial)
      for (place, n) in block.enumerated() {
        predictions[n] = Int64(CrossEntropy.prediction(logits, place))
        kept.image(n - own.lowerBound).update(from: adversarial.image(place), count: data.imageSize)
      }
      for (step, sum) in recorder.sums.enumerated() { sums[step] += sum }
    }
    sums = try communicator.sum(sums)
    let unit = LossRecorder<NetworkClassifier>.unit * Double(max(1, data.count))
    return AttackTrace(
      losses: sums.map { Double($0) / unit }, predictions: try communicator.sum(predictions).map { Int($0) },
      adversaries: kept)
  }

  /// Attacks of all images toward each of `targets`, but for those of that class.
  ///
  /// - Parameter clean: what is predicted of each image as it is.
  /// - Throws: as `trace`.
  package func targeted(
    _ data: LabeledImages, state: Model, toward targets: [Int], clean: [Int], attack: PGD, epsilon: Float,
    seed: UInt64, beat: @escaping () -> Void = {},
    progress: (_ examples: Int) throws -> Void = { _ in }
  ) throws -> TargetedSuccess {
    precondition(targets.count <= Self.mostTargets, "addresses of random numbers")
    var reached = [Int64](repeating: 0, count: network.classCount * targets.count)
    try forEachBlock(data, state, beat, progress) { block, x, judge in
      let labels = block.map { Int(data.labels[$0]) }
      for (place, target) in targets.enumerated() {
        let others = labels.indices.filter { labels[$0] != target }
        guard !others.isEmpty else { continue }
        let goals = labels.map { $0 == target ? Goal.avoid($0) : .reach(target, from: $0) }
        let found = try attack.judged(
          problem(
            x, goals, epsilon: epsilon, seed: seed, block, variant: Self.firstTarget + place,
            into: adversaries.prefix(block.count), predictions: block.map { clean[$0] }
          ).selecting(others), of: judge, workspace)
        for n in others where found[n] == target { reached[labels[n] * targets.count + place] += 1 }
      }
    }
    reached = try communicator.sum(reached)
    return TargetedSuccess(
      targets: targets, examples: data.classCounts(classes: network.classCount).map { Int64($0) },
      reached: (0..<network.classCount).map { Array(reached[$0 * targets.count..<($0 + 1) * targets.count]) })
  }

  /// Who is taken for whom among the adversaries that another model's `trace` of the same images left.
  ///
  /// - Throws: as `trace`.
  package func transferred(
    _ data: LabeledImages, state: Model, adversaries foreign: Tensor, beat: @escaping () -> Void = {},
    progress: (_ examples: Int) throws -> Void = { _ in }
  ) throws -> ConfusionMatrix {
    let own = own(of: data.count)
    precondition(foreign.shape.n == own.count && foreign.shape.imageCount == data.imageSize, "other images")
    var matrix = ConfusionMatrix(classCount: network.classCount)
    try forEachBlock(data, state, beat, progress) { block, x, judge in
      x.pointer.update(from: foreign.image(block.lowerBound - own.lowerBound), count: block.count * data.imageSize)
      let logits = try judge.logits(of: x)
      for (place, n) in block.enumerated() {
        matrix.record(label: Int(data.labels[n]), prediction: CrossEntropy.prediction(logits, place))
      }
    }
    try matrix.withUnsafeMutableBuffer { try communicator.allReduceSum($0) }
    return matrix
  }

  // MARK: - Blocks of examples

  /// Variants of random numbers from here on are those of targets.
  private static let firstTarget = 896
  private static let mostTargets = 128

  private func problem(
    _ x: Tensor, _ goals: [Goal], epsilon: Float, seed: UInt64, _ block: Range<Int>, variant: Int = 0,
    into adversarial: Tensor, predictions: [Int]? = nil
  ) -> AttackProblem {
    AttackProblem(
      x, into: adversarial, goals: goals,
      within: ThreatModel(epsilon: [Float](repeating: epsilon, count: block.count)),
      random: AttackRandomness(seed: seed, purpose: .evaluationAttack, examples: Array(block), restart: variant),
      predictions: predictions)
  }

  /// Runs `body` for each block of this rank's examples, with their images.
  private func forEachBlock(
    _ data: LabeledImages, _ state: Model, _ beat: @escaping () -> Void, _ progress: (Int) throws -> Void,
    _ body: (_ block: Range<Int>, _ x: Tensor, _ judge: Judge) throws -> Void
  ) throws {
    network.prepare(state)
    let own = own(of: data.count)
    let share = (data.count + communicator.size - 1) / communicator.size
    var overflows = 0
    // Ranks with fewer blocks come along until all are done.
    for first in stride(from: 0, to: share, by: batchSize) {
      let block = min(own.upperBound, own.lowerBound + first)..<min(own.upperBound, own.lowerBound + first + batchSize)
      let pace = PassAgreement(stop, communicator)
      if !block.isEmpty {
        let x = images.prefix(block.count)
        pool.forEach(block.count) { place, _ in data.write(block.lowerBound + place, to: x.image(place)) }
        let judge = GradientCounter(
          InterruptibleClassifier(NetworkClassifier(network, state, .running, BatchSlice(whole: block.count))) {
            beat()
            try pace.work()
          })
        try body(block, x, judge)
        overflows += Int(judge.overflows)
      }
      try pace.end()
      try progress(min(data.count, (first + batchSize) * communicator.size))
    }
    guard try communicator.sum(overflows) == 0 else { throw LogitOverflow() }
  }
}
