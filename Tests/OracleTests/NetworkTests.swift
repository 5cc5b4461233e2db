// The oracle's PreActResNet-18: gradients against central differences, and everything against PyTorch float64.

import Oracle
import Testing

@Suite struct NetworkTests {
  static let bound = 1e-6

  /// Three elements of every parameter tensor and a dozen pixels. A step that changes any rectifier's mask has left the
  /// smooth piece that the gradient belongs to: a smaller one is taken, and hardly any element may be given up.
  @Test(arguments: [OracleNormalization.batch, .running])
  func gradientsAreCentralDifferences(mode: OracleNormalization) {
    let data = OracleData(seed: 11, classes: 4)
    let parameters = OracleParameters.generate(width: 2, classes: 4, seed: 11, affine: .addressed)
    var network = OraclePreActResNet18(parameters)
    let pixels = data.pixels(0..<4, height: 16, width: 8)
    let labels = data.labels(0..<4)
    for _ in 0..<3 { network.updateRunningStatistics(from: network.forward(pixels, mode: .batch)) }
    let trace = network.forward(pixels, mode: mode)
    let gradients = network.backward(trace, dlogits: crossEntropy(trace.logits, labels: labels).dlogits)

    var worst = Worst()
    var skipped = 0
    func check(_ analytic: Double, scale: Double, _ place: String, _ forward: (Double) -> OracleTrace) {
      for step in [1e-3, 1e-4, 1e-5] {
        var isSmooth = true
        let derivative = centralDifference(step: step) { h in
          let moved = forward(h)
          isSmooth = isSmooth && moved.masks == trace.masks
          return crossEntropy(moved.logits, labels: labels).mean
        }
        if isSmooth { return worst.compare(analytic, derivative, scale: scale, place) }
      }
      skipped += 1
    }
    for (name, shape) in OracleParameters.trainableShapes(width: 2, classes: 4) {
      let gradient = gradients.parameters[name]!
      #expect(gradient.shape == shape)
      for i in data.samplePositions(count: gradient.count).prefix(3) {
        check(gradient.values[i], scale: gradient.values.map(abs).max()!, "\(name) element \(i)") { h in
          var moved = network
          moved.parameters.trainable[name]!.values[i] += h
          return moved.forward(pixels, mode: mode)
        }
      }
    }
    for i in stride(from: 0, to: pixels.count, by: pixels.count / 12) {
      check(gradients.pixels.values[i], scale: gradients.pixels.values.map(abs).max()!, "pixel \(i)") { h in
        var moved = pixels
        moved.values[i] += h
        return network.forward(moved, mode: mode)
      }
    }
    print("network in mode \(mode): \(skipped) elements too close to a kink")
    #expect(skipped <= worst.count / 10)
    worst.expect(below: Self.bound, "network in mode \(mode), central differences")
  }

  @Test(arguments: 0..<6)
  func passesAgreeWithPyTorch(index: Int) throws {
    let golden = try golden("network", as: GoldenNetwork.self)
    let item = golden.cases[index]
    let data = OracleData(seed: golden.seed)
    var network = OraclePreActResNet18(
      .generate(
        width: item.width, classes: data.classes, seed: golden.seed,
        affine: item.affine == "identity" ? .identity : .addressed))
    func pixels(from first: Int) -> OracleTensor {
      data.pixels(first..<first + item.batch, height: item.height, width: item.pixelWidth)
    }
    let mode: OracleNormalization = item.mode == "train" ? .batch : .running
    if mode == .running {
      for j in 1...3 { network.updateRunningStatistics(from: network.forward(pixels(from: 100 * j), mode: .batch)) }
    }
    let trace = network.forward(pixels(from: 0), mode: mode)
    if mode == .batch { network.updateRunningStatistics(from: trace) }
    let loss = crossEntropy(trace.logits, labels: data.labels(0..<item.batch))
    let gradients = network.backward(trace, dlogits: loss.dlogits)

    let place = "\(item.batch) of \(item.height)x\(item.pixelWidth), \(item.affine), \(item.mode)"
    var forward = Worst()
    forward.compare(trace.logits, item.logits, data, "logits")
    forward.compare(loss.mean, item.loss, "loss")
    forward.expect(below: Self.bound, "\(place): logits and loss, PyTorch")
    var backward = Worst()
    backward.compare(gradients.parameters, item.gradients, data, "gradient")
    backward.compare(gradients.pixels, item.pixels, data, "dx")
    backward.expect(below: Self.bound, "\(place): gradients, PyTorch")
    var buffers = Worst()
    buffers.compare(network.parameters.buffers, item.buffers, data, "buffer")
    buffers.expect(below: Self.bound, "\(place): buffers, PyTorch")
  }

  @Test func tenTrainingStepsAgreeWithPyTorch() throws {
    let golden = try golden("training", as: GoldenTraining.self)
    let data = OracleData(seed: golden.seed)
    var network = OraclePreActResNet18(.generate(width: golden.width, classes: data.classes, seed: golden.seed))
    var optimizer = OracleSGD(
      learningRate: golden.learningRate, momentum: golden.momentum, weightDecay: golden.weightDecay)
    var losses = Worst()
    #expect(golden.losses.count == 10)
    for (step, expected) in golden.losses.enumerated() {
      let examples = golden.batch * step..<golden.batch * (step + 1)
      let trace = network.forward(data.pixels(examples, height: 32, width: 32), mode: .batch)
      network.updateRunningStatistics(from: trace)
      let loss = crossEntropy(trace.logits, labels: data.labels(examples))
      losses.compare(loss.mean, expected, "step \(step)")
      optimizer.step(&network.parameters, gradients: network.backward(trace, dlogits: loss.dlogits).parameters)
    }
    losses.expect(below: Self.bound, "ten training steps: losses, PyTorch")
    var state = Worst()
    state.compare(network.parameters.trainable, golden.parameters, data, "parameter")
    state.compare(network.parameters.buffers, golden.buffers, data, "buffer")
    state.expect(below: Self.bound, "ten training steps: parameters and buffers, PyTorch")
  }

  @Test func targetedAttackAgreesWithPyTorch() throws {
    let golden = try golden("attack", as: GoldenAttack.self)
    let data = OracleData(seed: golden.seed)
    let examples = 0..<golden.batch
    #expect(data.targets(examples) == golden.targets)
    #expect(data.epsilon(examples) == golden.epsilons)
    var network = OraclePreActResNet18(
      .generate(width: golden.width, classes: data.classes, seed: golden.seed, affine: .addressed))
    let attacked = targetedPGD(
      &network, pixels: data.pixels(examples, height: 32, width: 32), targets: golden.targets,
      epsilon: golden.epsilons, stepSize: golden.stepSize, steps: golden.steps,
      noise: data.noise(examples, height: 32, width: 32), mode: .batch)
    var worst = Worst()
    for (step, (loss, expected)) in zip(attacked.losses, golden.losses).enumerated() {
      worst.compare(loss, expected, "step \(step)")
    }
    worst.compare(attacked.pixels, golden.pixels, data, "pixels")
    worst.compare(network.parameters.buffers, golden.buffers, data, "buffer")
    let trace = network.forward(attacked.pixels, mode: .batch)
    worst.compare(crossEntropy(trace.logits, labels: data.labels(examples)).mean, golden.trainingLoss, "training loss")
    worst.expect(below: Self.bound, "targeted PGD-10 in train mode, PyTorch")
    #expect(attacked.losses.last! < attacked.losses.first!)
  }

  /// The masks of a pass, given back to it, change nothing; other masks do.
  @Test func givenMasks() {
    let data = OracleData(seed: 11)
    let network = OraclePreActResNet18(.generate(width: 2, classes: 10, seed: 11))
    let pixels = data.pixels(0..<2, height: 8, width: 8)
    let trace = network.forward(pixels, mode: .batch)
    #expect(trace.masks.count == 17)
    #expect(network.forward(pixels, mode: .batch, masks: trace.masks).logits == trace.logits)
    let open = trace.masks.mapValues { $0.map { _ in true } }
    #expect(network.forward(pixels, mode: .batch, masks: open).logits != trace.logits)
  }

  /// The counts of PyTorch's state dictionary at full width.
  @Test func parameterCounts() {
    for (classes, count) in [(10, 11_172_170), (100, 11_218_340)] {
      let shapes = OracleParameters.trainableShapes(width: 64, classes: classes)
      #expect(shapes.count == 56)
      #expect(shapes.map { $0.shape.reduce(1, *) }.reduce(0, +) == count)
    }
    #expect(OracleParameters.generate(width: 1, classes: 2, seed: 1).buffers.count == 34)
  }
}
