// Passes in bfloat16: as near to Float as the rounding of factors allows, the same bits on any number of threads, and Float
// passes beside them as they were.

import Classification
import Kernels
import Networks
import Options
import Oracle
import Parity
import Tensors
import Testing

@Suite struct PrecisionTests {
  private static let data = OracleData(seed: 11)
  private let pictures = Tensor(pictures: Self.data.pixels(0..<7, height: 32, width: 32))

  /// Logits, and the gradient in the pictures of a sum of them.
  private func pass(
    _ precision: Precision, threads: Int, bfloat16: BFloat16Unit? = .emulated, _ mode: BatchStatistics
  ) throws -> (logits: Tensor, gradient: Tensor) {
    let parameters = OracleParameters.generate(width: 16, classes: 10, seed: 11, affine: .addressed)
    let engine = EngineNetwork(parameters, threads: threads, bfloat16: bfloat16)
    let slice = engine.slice(7, shardSize: 2)
    engine.network.reserve(examples: 7, shardSize: 2)
    let logits = try engine.network.forward(pictures, engine.state, mode, slice, precision).images(0..<7)
    let weights = Tensor(logits.shape)
    // Others for each picture: what all have in common is no gradient through statistics of the batch.
    for i in weights.elements.indices { weights.pointer[i] = Float(i * 7919 % 101) / 101 - 0.5 }
    let gradient = try engine.network.backward(weights, engine.state, mode, slice, precision, gradients: nil)
    return (logits, gradient.images(0..<7))
  }

  @Test(arguments: [BatchStatistics.batch, .running]) func sameBitsOnAnyThreads(mode: BatchStatistics) throws {
    let one = try pass(.bfloat16, threads: 1, mode)
    for threads in [2, 3, 8] {
      let many = try pass(.bfloat16, threads: threads, mode)
      #expect(many.logits.hasBits(of: one.logits) && many.gradient.hasBits(of: one.gradient), "\(threads) threads")
    }
  }

  @Test(arguments: [BatchStatistics.batch, .running]) func isNearFloat(mode: BatchStatistics) throws {
    let full = try pass(.float32, threads: 2, mode)
    let reduced = try pass(.bfloat16, threads: 2, mode)
    func distance(_ a: Tensor, _ b: Tensor) -> Double {
      OracleTensor(pictures: a).distance(to: OracleTensor(pictures: b))
    }
    let (logits, gradient) = (distance(reduced.logits, full.logits), distance(reduced.gradient, full.gradient))
    // A network without training: roundings of 2⁻⁹ in 17 layers, and masks of ReLUs that flip.
    #expect(logits > 1e-3 && logits < 0.1, "logits \(logits)")
    // Statistics of seven pictures turn an untrained network's gradient with any rounding: it is the one that is bounded least.
    #expect(gradient > 1e-2 && gradient < (mode == .running ? 0.3 : 0.9), "gradient \(gradient)")
    let alone = try pass(.float32, threads: 2, bfloat16: nil, mode)
    #expect(alone.logits.hasBits(of: full.logits) && alone.gradient.hasBits(of: full.gradient))
  }

  /// Nearly all of PreActResNet-18 is in bfloat16 where it is to be: not the first convolution, nor shortcuts of 1x1.
  @Test func nearlyAllIsReduced() {
    let size = NetworkConfiguration(height: 32, width: 32)
    func share(_ choice: Choice, _ unit: BFloat16Unit?) -> Double {
      let network = choice.network(size, .describing(bfloat16: unit))
      return Double(network.reducedFlops) / Double(network.flops)
    }
    let net = Choice("preactresnet18", given: ["model.width": "64"])
    #expect(share(net, nil) == 0)
    #expect(share(net, .emulated) > 0.95 && share(net, .emulated) < 1)
    #expect(share(Choice("preactresnet18", given: ["model.width": "8"]), .emulated) < 0.9)
    #expect(share(Choice("xcit-small"), .emulated) == 0)
  }
}
