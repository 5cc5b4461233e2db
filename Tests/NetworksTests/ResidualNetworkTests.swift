// The residual networks beside PreActResNet-18: names and counts as PyTorch's, and passes in Float against the oracle.

import Classification
import Kernels
import Networks
import Options
import Oracle
import Parallelism
import Parity
import Tensors
import Testing

@Suite struct ResidualNetworkTests {
  static let goldens = try! golden("residual", as: GoldenResidual.self).networks
  private static let data = OracleData(seed: 7)

  private static func state(_ network: GoldenResidual.Network) -> [String: OracleTensor] {
    OracleResidualNetwork.addressedState(network.parameters.map { ($0.name, $0.shape) }, seed: data.seed)
  }

  @Test(arguments: goldens) func namesAndCountsArePyTorchs(golden: GoldenResidual.Network) {
    let small = Choice(golden.name, given: golden.options).network(NetworkConfiguration(), .describing())
    #expect(small.parameters.slots.map(\.name) == golden.parameters.map(\.name))
    #expect(small.parameters.slots.map(\.shape) == golden.parameters.map(\.shape))
    // A layer's statistics stand behind its weights there.
    let statistics = golden.state.filter { $0.contains("running") }
    #expect(small.statistics.slots.map(\.name) == statistics)
    #expect(golden.state.count { $0.hasSuffix("num_batches_tracked") } == small.normalisations.count)
    for (classes, count) in golden.counts {
      let full = Choice(golden.name).network(NetworkConfiguration(classes: Int(classes)!), .describing())
      #expect(full.parameters.parameterCount == count)
    }
  }

  /// Logits to 1e-4 of the largest (5e-4 where Winograd may be chosen); gradients by relative L2 norm within five times what
  /// PyTorch loses in float32 (1e-4 for Winograd), where no rectifier's mask can flip, and within 3 % where one may.
  @Test(arguments: goldens) func passesAgreeWithTheOracle(golden: GoldenResidual.Network) throws {
    for item in golden.cases { for choice in [ConvolutionChoice.direct, .auto] { try compare(golden, item, choice) } }
  }

  private func compare(_ golden: GoldenResidual.Network, _ item: GoldenResidual.Case, _ choice: ConvolutionChoice)
    throws
  {
    let data = Self.data
    func pixels(from first: Int) -> OracleTensor {
      data.pixels(first..<first + item.batch, height: item.height, width: item.pixelWidth)
    }
    var values = Self.state(golden)
    let engine = EngineNetwork(
      Choice(golden.name, given: golden.options), values, height: item.height, width: item.pixelWidth,
      convolution: choice)
    let slice = engine.slice(item.batch, shardSize: 2)
    if item.mode == "eval" {
      for j in 1...3 { _ = try engine.logits(Tensor(pictures: pixels(from: 100 * j)), .batchUpdatingRunning, slice) }
      values.merge(engine.statistics) { $1 }
    }
    let tape = OracleTape(values, mode: item.mode == "eval" ? .running : .batch)
    let exact = OracleResidualNetwork(golden.name).forward(tape, pixels(from: 0))
    let labels = data.labels(0..<item.batch)
    let loss = crossEntropy(exact.logits.tensor, labels: labels)
    tape.backward(exact.logits, loss.dlogits)

    let mode = item.mode == "eval" ? BatchStatistics.running : .batchUpdatingRunning
    let sum = GradientSum(engine.network.parameters, pool: engine.pool)
    let pictures = Tensor(pictures: pixels(from: 0))
    let pass = try engine.pass(pictures, labels: labels, mode, slice, gradients: sum)
    let gradients = engine.exported(engine.total(sum))
    let attack = try engine.pass(pictures, labels: labels, mode == .running ? .running : .batch, slice)
    #expect(attack.logits.hasBits(of: pass.logits))

    let place = "\(golden.name), \(item.height)x\(item.pixelWidth), \(item.mode), \(choice)"
    let bound = choice == .direct ? 1e-4 : 5e-4
    var forward = WorstRatio("\(place): logits, loss, statistics")
    forward.add(OracleTensor(rows: pass.logits).largestDifference(to: exact.logits.tensor), bound: bound, "logits")
    forward.add(pass.loss, loss.mean, bound: bound * loss.mean, "loss")
    for (name, moved) in tape.moved {
      forward.add(engine.statistics[name]!.largestDifference(to: moved), bound: choice == .direct ? 1e-5 : 5e-5, name)
    }
    let isForwardWithin = forward.isWithinBounds()
    #expect(isForwardWithin, "\(forward.place)")

    let isSmooth = tape.closest > (choice == .direct ? 1 : 10) * Float32Loss.kink
    func gradientBound(_ float32: Double) -> Double {
      !isSmooth ? 3e-2 : choice == .direct ? 5 * max(float32, 1e-6) : 1e-4
    }
    var backward = WorstRatio(
      "\(place): gradients (a rectifier at \(tape.closest), \(isSmooth ? "without" : "with") flips)")
    #expect(Set(gradients.keys) == Set(tape.gradients.keys))
    let worst = item.float32.values.max()!
    for (name, gradient) in tape.gradients {
      backward.add(
        gradients[name]!.distance(to: gradient), bound: gradientBound(item.float32[name]!), name)
    }
    backward.add(
      OracleTensor(pictures: attack.dPictures).distance(to: exact.pixels.gradient),
      bound: gradientBound(worst), "pixels")
    let isBackwardWithin = backward.isWithinBounds()
    #expect(isBackwardWithin, "\(backward.place)")
  }

  /// First values: normal numbers by what leaves a filter in WideResNets, PyTorch's default elsewhere.
  @Test func initialValues() {
    let network = Choice("wideresnet-28-10", given: ["model.blocks": "1", "model.widen-factor": "4"]).network(
      NetworkConfiguration(), .describing())
    let state = Model(parameters: network.parameters, statistics: network.statistics)
    state.initialize(seed: 3)
    let slot = network.parameters.slots.first { $0.name == "block3.layer.0.conv2.weight" }!
    let values = state.parameters.exported(slot).map(Double.init)
    let deviation = (2 / Double(9 * 256)).squareRoot()
    let mean = values.reduce(0, +) / Double(values.count)
    let variance = values.reduce(0) { $0 + $1 * $1 } / Double(values.count)
    // Of 589,824 independent numbers, six standard errors.
    #expect(abs(mean) < 6 * deviation / Double(values.count).squareRoot())
    #expect(abs(variance / (deviation * deviation) - 1) < 6 * (2 / Double(values.count)).squareRoot())
    let bias = network.parameters.slots.first { $0.name == "fc.bias" }!
    #expect(state.parameters.exported(bias).allSatisfy { $0 == 0 })
  }
}
