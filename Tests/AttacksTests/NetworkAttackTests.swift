// Attacks on the engine's own network.

import Attacks
import Classification
import Kernels
import Networks
import Oracle
import Parallelism
import Parity
import Tensors
import Testing

@Suite struct NetworkAttackTests {
  /// With running statistics an example's adversary has the same bits alone and among any others.
  @Test(arguments: AttackCase.all) func independentOfTheOthers(item: AttackCase) throws {
    let data = OracleData(seed: 41)
    let engine = EngineNetwork(
      .generate(width: 8, classes: 10, seed: 41, affine: .addressed), height: 16, width: 16, threads: 2)
    let x = Tensor(pictures: data.pixels(0..<5, height: 16, width: 16))
    // Statistics that fit the pictures: with those of the first day everything saturates.
    _ = try engine.logits(x, .batchUpdatingRunning, engine.slice(5, shardSize: 2))
    let targets = data.targets(0..<5)
    func run(_ order: [Int]) throws -> Tensor {
      let images = Tensor(Shape(n: order.count, h: 16, w: 16, c: 3))
      for (n, example) in order.enumerated() {
        images.image(n).update(from: x.image(example), count: x.shape.imageCount)
      }
      let found = Tensor(images.shape)
      engine.network.reserve(examples: order.count, shardSize: order.count)
      let attack = item.make(4, 2.0 / 255, true)
      try attack(
        AttackProblem(
          images, into: found, goals: order.map { $0 % 2 == 0 ? .reach(targets[$0], from: -1) : .avoid(targets[$0]) },
          within: ThreatModel(epsilon: order.map { Float(data.epsilon($0..<$0 + 1)[0]) }),
          random: AttackRandomness(seed: 9, purpose: .test, examples: order)),
        of: NetworkClassifier(engine.network, engine.state, .running, BatchSlice(whole: order.count)),
        AttackWorkspace(examples: order.count, classes: 10, pool: engine.pool))
      return found
    }
    let all = try run([0, 1, 2, 3, 4])
    let isUnchanged = all.hasBits(of: x)
    #expect(!isUnchanged)
    for order in [[2], [4, 0], [4, 3, 2, 1, 0]] {
      let some = try run(order)
      for (n, example) in order.enumerated() {
        let isEqual = some.images(n..<n + 1).hasBits(of: all.images(example..<example + 1))
        #expect(isEqual, "\(example) in \(order)")
      }
    }
  }

  /// Several gradients of one forward pass, as FAB asks for toward every class: each as if it were the only one.
  @Test func severalGradientsOfOnePass() throws {
    let data = OracleData(seed: 41)
    let engine = EngineNetwork(
      .generate(width: 8, classes: 10, seed: 41, affine: .addressed), height: 16, width: 16, threads: 2)
    let x = Tensor(pictures: data.pixels(0..<3, height: 16, width: 16))
    _ = try engine.logits(x, .batchUpdatingRunning, engine.slice(3, shardSize: 3))
    engine.network.reserve(examples: 3, shardSize: 3)
    let model = NetworkClassifier(engine.network, engine.state, .running, BatchSlice(whole: 3))
    func gradient(_ k: Int) throws -> [UInt32] {
      let dLogits = Tensor(Shape(n: 3, c: 10))
      for n in 0..<3 { dLogits.image(n)[k] = 1 }
      return try model.imageGradient(of: dLogits).bits
    }
    let logits = try model.logits(of: x)
    let before = logits.bits
    let together = try (0..<10).map(gradient)
    #expect(logits.bits == before)
    for k in 0..<10 {
      _ = try model.logits(of: x)
      #expect(try gradient(k) == together[k], "class \(k)")
    }
    #expect(Set(together).count == 10)
  }

  /// Targeted PGD-10 in train mode from PyTorch's start, with PyTorch's radii. Until a gradient lies so near to 0 that
  /// rounding turns its sign, the losses agree to rounding. Then one pixel of 24,576 goes the other way by two steps of
  /// 2/255, which through the batch statistics reaches every example and, through rectifiers that flip, some gradients by a
  /// per cent: more signs follow. Direct sums got through without (7e-8); Winograd's, which round five times as much,
  /// lost the way at step 2 and were 5e-3 off at most.
  @Test(arguments: [ConvolutionChoice.direct, .auto])
  func targetedTrajectoryAgreesWithPyTorch(convolution: ConvolutionChoice) throws {
    let golden = try golden("attack", as: GoldenAttack.self)
    let data = OracleData(seed: golden.seed)
    let examples = 0..<golden.batch
    let pixels = data.pixels(examples, height: 32, width: 32)
    let start = OracleTensor(
      shape: pixels.shape,
      values: zip(pixels.values, data.noise(examples, height: 32, width: 32).values).enumerated().map { i, pair in
        min(max(pair.0 + pair.1 * golden.epsilons[i / pixels.exampleCount], 0), 1)
      })
    let engine = EngineNetwork(
      .generate(width: golden.width, classes: data.classes, seed: golden.seed, affine: .addressed),
      convolution: convolution)
    let (x, adversarial) = (Tensor(pictures: pixels), Tensor(pictures: start))
    let slice = engine.slice(golden.batch, shardSize: 4)
    engine.network.reserve(examples: golden.batch, shardSize: 4)
    let model = NetworkClassifier(engine.network, engine.state, .batchUpdatingRunning, slice)
    let dLogits = Tensor(Shape(n: golden.batch, c: data.classes))
    var losses = [Float](repeating: 0, count: golden.batch)
    func mean(_ labels: [Int]) throws -> Double {
      losses.withUnsafeMutableBufferPointer { buffer in
        CrossEntropy.evaluate(logits, labels: labels, gradient: dLogits, losses: buffer)
      }
      return losses.reduce(0) { $0 + Double($1) } / Double(losses.count)
    }
    var logits = try model.logits(of: adversarial)
    for (step, expected) in golden.losses.enumerated() {
      let loss = try mean(golden.targets)
      print(
        "attack, \(convolution), step \(step): loss \(loss), PyTorch float64 \(expected), relative \(abs(loss / expected - 1))"
      )
      #expect(abs(loss / expected - 1) < (step == 0 ? 1e-6 : 1e-2), "step \(step)")
      let gradient = try model.imageGradient(of: dLogits)
      for n in examples {
        // Down on the target's loss.
        Elementwise.signStep(
          adversarial.image(n), original: x.image(n), gradient: gradient.image(n), step: -Float(golden.stepSize),
          epsilon: Float(golden.epsilons[n]), count: x.shape.imageCount)
      }
      if step < golden.losses.count - 1 { logits = try model.logits(of: adversarial) }
    }
    let exported = OracleTensor(pictures: adversarial)
    #expect(abs(exported.norm / golden.pixels.norm - 1) < 1e-3)
    #expect(model.state.batchesTracked == 10)

    // Ten passes have moved the running statistics, and the training pass follows in their company.
    var worst = WorstRatio("statistics after the attack")
    for (name, buffer) in engine.exported().buffers {
      let norm = golden.buffers[name]!.norm
      worst.add(buffer.norm, norm, bound: 1e-2 * norm, name)
    }
    let isWithinBounds = worst.isWithinBounds()
    #expect(isWithinBounds, "\(worst.place)")
    logits = try model.logits(of: adversarial)
    let trainingLoss = try mean(data.labels(examples))
    print("attack, \(convolution): training loss \(trainingLoss), PyTorch float64 \(golden.trainingLoss)")
    #expect(abs(trainingLoss / golden.trainingLoss - 1) < 1e-2)
  }
}
