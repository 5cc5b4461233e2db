import Attacks
import Classification
import Fairness
import Foundation
import Methods
import Networks
import Oracle
import Parity
import Tensors
import Testing

/// A whole step of methods with several views against the network of the oracle in Double: every view normalised by its own
/// statistics, one gradient of all, running statistics moved in the order of the source.
@Suite struct MethodStepTests {
  static let count = 12, shardSize = 3, classes = 10
  static let data = OracleData(seed: 41)
  static let parameters = OracleParameters.generate(width: 8, classes: classes, seed: 41, affine: .addressed)

  /// Searches that make no step: x' = clip(x + ε·u), which the oracle makes as well.
  static func view() -> View { .attacked(InnerProblem()) }

  static func settings() -> ClassSettings {
    var settings = ClassSettings(
      classCount: classes, repeating: ClassSetting(targeted: false, epsilon: 0, steps: 0, stepSize: 0.1))
    for k in 0..<classes {
      settings[k].epsilon = 0.05 + 0.01 * Float(k)
      settings[k].lossWeight = 0.5 + 0.25 * Float(k)
      settings[k].beta = 1 + Float(k)
    }
    return settings
  }

  /// Clean and attacked as they lie in TRADES (0, 1), in DAFA (1, 0).
  @Test(arguments: [([0, 1, 0], 0), ([0, 1], 0), ([1, 0], 1)])
  func twoViews(moves: [Int], clean: Int) throws {
    let method = TrainingMethod(
      views: clean == 0 ? [.clean, Self.view()] : [Self.view(), .clean], moves: moves, counted: 1 - clean,
      loss: RegularisedLoss(form: .weighted, clean: clean, attacked: 1 - clean))
    let engine = EngineNetwork(Self.parameters, height: 16, width: 16)
    let gradients = GradientSum(engine.network.parameters, pool: engine.pool)
    let context = StepContext(
      network: engine.network, state: engine.state, gradients: gradients, pool: engine.pool, seed: 9,
      examples: Self.count, method: method, keepsConfusion: true)
    engine.network.reserve(examples: Self.count, shardSize: Self.shardSize, views: 2)
    engine.network.prepare(context.state)
    let labels = Self.data.labels(0..<Self.count)
    let pixels = Self.data.pixels(0..<Self.count, height: 16, width: 16)
    let examples = (0..<Self.count).map { 100 + 7 * $0 }
    var labelCounts = [Int](repeating: 0, count: Self.classes)
    for label in labels { labelCounts[label] += 1 }
    var fairness = FairnessState(classCount: Self.classes, setting: Self.settings()[0])
    fairness.settings = Self.settings()
    let report = try method.step(
      TrainingBatch(
        images: Tensor(pictures: pixels), labels: labels, examples: examples, labelCounts: labelCounts,
        slice: engine.slice(Self.count, shardSize: Self.shardSize), epoch: 2), fairness, context)

    // The oracle.
    var attacked = pixels
    for n in 0..<Self.count {
      let stream = RandomStream(
        seed: 9, purpose: .attackStart, epoch: 2, example: examples[n], variant: clean == 0 ? 1 : 0)
      let epsilon = Double(fairness.settings[labels[n]].epsilon)
      for c in 0..<3 {
        for y in 0..<16 {
          for x in 0..<16 {
            let u = Double(stream.uniform(at: (y * 16 + x) * 3 + c))
            attacked[n, c, y, x] = min(max(pixels[n, c, y, x] + (2 * u - 1) * epsilon, 0), 1)
          }
        }
      }
    }
    var network = OraclePreActResNet18(
      Self.parameters, mean: OraclePreActResNet18.cifar10Mean, deviation: OraclePreActResNet18.cifar10Deviation)
    let traces = (clean == 0 ? [pixels, attacked] : [attacked, pixels]).map { network.forward($0, mode: .batch) }
    let (z, zAttacked) = (traces[clean].logits, traces[1 - clean].logits)
    let entropy = crossEntropy(z, labels: labels)
    let divergence = klDivergence(z, zAttacked)
    var (dz, dzAttacked) = (entropy.dlogits, divergence.dqLogits)
    var loss = 0.0
    for n in 0..<Self.count {
      let row = fairness.settings[labels[n]]
      let (weight, beta) = (Double(row.lossWeight), Double(row.beta))
      loss += weight * (entropy.perExample[n] + beta * divergence.perExample[n])
      for k in 0..<Self.classes {
        dz[n, k] = weight * (entropy.dlogits[n, k] + beta * divergence.dpLogits[n, k])
        dzAttacked[n, k] *= weight * beta
      }
    }
    let parts = [
      network.backward(traces[clean], dlogits: dz).parameters,
      network.backward(traces[1 - clean], dlogits: dzAttacked).parameters,
    ]
    for view in moves { network.updateRunningStatistics(from: traces[view]) }

    #expect(abs(report.shardLosses.reduce(0, +) / loss - 1) < 1e-5)
    let found = engine.exported(engine.total(gradients))
    var (difference, norm) = (0.0, 0.0)
    for (name, tensor) in found {
      let expected = parts[0][name]! + parts[1][name]!
      difference += (tensor + (-1) * expected).dot(tensor + (-1) * expected)
      norm += expected.dot(expected)
      // Rounding may move a value across the kink of a rectifier, where a tensor's gradient jumps.
      #expect(tensor.distance(to: expected) < 2e-2, "\(name)")
    }
    #expect((difference / norm).squareRoot() < 3e-3)
    let statistics = engine.exported()
    for (name, tensor) in network.parameters.buffers {
      #expect(statistics.buffers[name]!.distance(to: tensor) < 1e-5, "\(name)")
    }
    #expect(context.state.batchesTracked == moves.count)
    // Predictions of the attacked view are counted.
    let predictions = (0..<Self.count).map { n in
      (0..<Self.classes).max { zAttacked[n, $0] < zAttacked[n, $1] }!
    }
    #expect(report.counts.totalCorrect == Int64(zip(predictions, labels).count { $0 == $1 }))
    #expect(report.counts.examples == labelCounts.map(Int64.init))
    // So are its probabilities, example by example.
    for n in 0..<Self.count {
      let powers = (0..<Self.classes).map { exp(zAttacked[n, $0]) }
      for k in 0..<Self.classes {
        let found = Double(context.ownConfusion.image(n)[k])
        #expect(abs(found - powers[k] / powers.reduce(0, +)) < 1e-5)
      }
    }
  }

  /// What `plan` says of a step with attacks of ten steps: forward passes, gradients, exchanges a normalisation.
  @Test(arguments: [
    ("clean", 1, 0, 1), ("at", 11, 10, 1), ("trades", 13, 10, 2), ("fat", 12, 10, 1), ("fat-original", 11, 10, 1),
    ("fat-for-trades", 13, 10, 2), ("bat", 25, 20, 3), ("frl-remargin", 13, 10, 2), ("dafa", 13, 10, 2),
    ("wat", 13, 10, 2),
  ])
  func passes(name: String, forward: Int, gradients: Int, views: Int) {
    let trainsInAttack = ["at", "fat"].contains(name)
    let part = methods[name]!
    let method = part.make(
      .init(Dictionary(uniqueKeysWithValues: part.options.map { ($0.path, $0.value) })),
      MethodFacts(epochs: 10, statistics: trainsInAttack ? .batchUpdatingRunning : .running))
    let passes = method.passes(steps: 10, allTargeted: false)
    #expect(passes.forward == forward && passes.views == views)
    #expect(passes.inputGradient(isFirst: true) == gradients)
    #expect(passes.exchangingForward == (trainsInAttack ? forward - views : 0))
  }
}
