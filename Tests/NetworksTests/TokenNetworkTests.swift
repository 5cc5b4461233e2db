// XCiT: names, shapes and counts as timm's, and passes in Float against timm's network in float64.

import Classification
import Kernels
import Networks
import Options
import Oracle
import Parallelism
import Parity
import Tensors
import Testing

@Suite struct TokenNetworkTests {
  static let timms = try! golden("xcit", as: GoldenResidual.self).networks[0]
  private static let data = OracleData(seed: 7)

  private static func engine(
    _ item: GoldenResidual.Case, _ convolution: ConvolutionChoice = .direct
  ) -> EngineNetwork {
    let values = OracleResidualNetwork.addressedState(timms.parameters.map { ($0.name, $0.shape) }, seed: data.seed)
    return EngineNetwork(
      Choice("xcit-s12", given: timms.options), values, height: item.height, width: item.pixelWidth,
      convolution: convolution)
  }

  @Test func namesAndCountsAreTimms() {
    let golden = Self.timms
    let small = Choice("xcit-s12", given: golden.options).network(NetworkConfiguration(), .describing())
    #expect(small.parameters.slots.map(\.name) == golden.parameters.map(\.name))
    #expect(small.parameters.slots.map(\.shape) == golden.parameters.map(\.shape))
    #expect(small.statistics.slots.map(\.name) == golden.state.filter { $0.contains("running") })
    #expect(golden.state.count { $0.hasSuffix("num_batches_tracked") } == small.normalisations.count)
    for (classes, count) in golden.counts {
      let full = Choice("xcit-s12").network(NetworkConfiguration(classes: Int(classes)!), .describing())
      #expect(full.parameters.parameterCount == count)
    }
    #expect(golden.counts == ["10": 25_872_154, "100": 25_906_804])
  }

  /// Logits to 1e-5 of the largest; gradients within five times what PyTorch loses in float32.
  @Test(arguments: timms.cases.indices, [ConvolutionChoice.direct, .auto])
  func passesAgreeWithTimm(index: Int, choice: ConvolutionChoice) throws {
    let (item, data) = (Self.timms.cases[index], Self.data)
    func pixels(from first: Int) -> Tensor {
      Tensor(pictures: data.pixels(first..<first + item.batch, height: item.height, width: item.pixelWidth))
    }
    let engine = Self.engine(item, choice)
    let slice = engine.slice(item.batch, shardSize: 2)
    if item.mode == "eval" {
      for j in 1...3 { _ = try engine.logits(pixels(from: 100 * j), .batchUpdatingRunning, slice) }
    }
    let mode = item.mode == "eval" ? BatchStatistics.running : .batchUpdatingRunning
    let labels = data.labels(0..<item.batch)
    let sum = GradientSum(engine.network.parameters, pool: engine.pool)
    let pass = try engine.pass(pixels(from: 0), labels: labels, mode, slice, gradients: sum)
    let gradients = engine.exported(engine.total(sum))
    let statistics = engine.statistics
    let attack = try engine.pass(pixels(from: 0), labels: labels, mode == .running ? .running : .batch, slice)
    #expect(attack.logits.hasBits(of: pass.logits))

    let place = "xcit, \(item.height)x\(item.pixelWidth), \(item.mode), \(choice)"
    let bound = choice == .direct ? 1e-5 : 5e-5
    var worst = WorstRatio("\(place)")
    worst.add(pass.loss, item.loss, bound: bound * item.loss, "loss")
    compare(OracleTensor(rows: pass.logits), item.logits, bound, "logits", &worst)
    for (name, moved) in item.buffers { compare(statistics[name]!, moved, bound, name, &worst) }
    #expect(Set(gradients.keys) == Set(item.gradients.keys))
    let largest = item.gradients.values.map(\.norm).max()!
    for (name, exact) in item.gradients {
      // A shift of all keys changes no softmax over tokens: what is left is rounding.
      if exact.norm < 1e-12 * largest {
        #expect(name.hasSuffix("attn.k.bias") && gradients[name]!.norm < 1e-6 * largest)
        continue
      }
      compare(gradients[name]!, exact, 5 * max(item.float32[name]!, choice == .direct ? 1e-6 : 5e-6), name, &worst)
    }
    compare(
      OracleTensor(pictures: attack.dPictures), item.pixels, choice == .direct ? 1e-5 : 1e-4, "pixels", &worst)
    let isWithinBounds = worst.isWithinBounds()
    #expect(isWithinBounds, "\(worst.place)")
  }

  /// Sum, norm and samples, where `bound` is of the relative L2 norm of the difference.
  private func compare(
    _ own: OracleTensor, _ exact: Fingerprint, _ bound: Double, _ name: String, _ worst: inout WorstRatio
  ) {
    let count = Double(exact.shape.reduce(1, *))
    worst.add(own.norm, exact.norm, bound: bound * exact.norm, "\(name), norm")
    worst.add(own.values.reduce(0, +), exact.sum, bound: bound * exact.norm * count.squareRoot(), "\(name), sum")
    // Of an element, six times the root mean square.
    let each = 6 * bound * exact.norm / count.squareRoot()
    for (position, sample) in zip(Self.data.samplePositions(count: Int(count)), exact.samples) {
      worst.add(own.values[position], sample, bound: each, "\(name), \(position)")
    }
  }

  /// First values are timm's: normal numbers of deviation 0.02 in matrices, ones and zeros elsewhere.
  @Test func initialValues() {
    let network = Choice("xcit-small").network(NetworkConfiguration(), .describing())
    let state = Model(parameters: network.parameters, statistics: network.statistics)
    state.initialize(seed: 3)
    func values(_ name: String) -> [Double] {
      state.parameters.exported(network.parameters.slots.first { $0.name == name }!).map(Double.init)
    }
    for name in ["blocks.1.attn.qkv.weight", "cls_attn_blocks.0.mlp.fc1.weight"] {
      let values = values(name)
      let deviation = (values.reduce(0) { $0 + $1 * $1 } / Double(values.count)).squareRoot()
      #expect(abs(deviation / 0.02 - 1) < 6 / Double(2 * values.count).squareRoot())
    }
    #expect(values("blocks.1.gamma3").allSatisfy { $0 == 1 } && values("blocks.0.attn.temperature") == [1, 1])
    #expect(values("blocks.1.mlp.fc1.bias").allSatisfy { $0 == 0 })
    #expect(values("blocks.2.local_mp.conv1.weight").allSatisfy { abs($0) <= 1.0 / 3 })
  }
}
