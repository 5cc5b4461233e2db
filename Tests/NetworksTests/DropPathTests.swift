// Branches that training passes go without: by addressed draws, with their gradients.

import Classification
import Networks
import Options
import Oracle
import Parallelism
import Parity
import Tensors
import Testing

@Suite struct DropPathTests {
  private static let data = OracleData(seed: 7)

  private static func engine(rate: String) -> EngineNetwork {
    let timms = TokenNetworkTests.timms
    let choice = Choice("xcit-s12", given: timms.options.merging(["model.drop-path": rate]) { $1 })
    let values = OracleResidualNetwork.addressedState(timms.parameters.map { ($0.name, $0.shape) }, seed: data.seed)
    return EngineNetwork(choice, values, height: 16, width: 16)
  }

  private let pictures = Tensor(pictures: Self.data.pixels(0..<6, height: 16, width: 16))
  private let labels = Self.data.labels(0..<6)

  private func logits(
    _ engine: EngineNetwork, _ epoch: Int?, _ mode: BatchStatistics = .running, examples: [Int] = [0, 1, 2, 3, 4, 5]
  ) throws -> Tensor {
    let slice = engine.slice(6, shardSize: 2)
    engine.network.reserve(examples: 6, shardSize: 2)
    if let epoch { engine.network.drawPaths(at: PathAddresses(seed: 3, epoch: epoch, examples: examples)) }
    return try engine.logits(pictures, mode, slice).images(0..<6)
  }

  /// A draw holds for one pass, is the same at the same addresses and another in another epoch.
  @Test func aDrawHoldsForOnePass() throws {
    let engine = Self.engine(rate: "0.3")
    let whole = try logits(engine, nil)
    let first = try logits(engine, 0)
    #expect(!first.hasBits(of: whole))
    #expect(try logits(engine, nil).hasBits(of: whole))
    #expect(try logits(engine, 0).hasBits(of: first))
    #expect(try !logits(engine, 1).hasBits(of: first))
    // An example has its own wherever it stands.
    let turned = try logits(engine, 0, examples: [5, 1, 2, 3, 4, 0])
    #expect(turned.images(1..<5).hasBits(of: first.images(1..<5)))
    #expect(!turned.images(0..<1).hasBits(of: first.images(0..<1)))
    #expect(try logits(Self.engine(rate: "0"), 0).hasBits(of: whole))
  }

  /// An attack draws anew in each of its passes, for each view and example, whoever else passes.
  @Test func attacksDrawInEachPass() throws {
    let engine = Self.engine(rate: "0.3")
    func logits(_ pass: PathAddresses.Pass, places: [Int]? = nil, epoch: Int = 0) throws -> Tensor {
      let count = places?.count ?? 6
      engine.network.reserve(examples: 6, shardSize: 2)
      engine.network.drawPaths(
        at: PathAddresses(seed: 3, epoch: epoch, examples: [0, 1, 2, 3, 4, 5], places: places, pass: pass))
      let chosen = Tensor(Shape(n: count, h: 16, w: 16, c: 3))
      for (i, n) in (places ?? Array(0..<6)).enumerated() {
        chosen.image(i).update(from: pictures.image(n), count: pictures.shape.imageCount)
      }
      return try engine.logits(chosen, .running, engine.slice(count, shardSize: 2)).images(0..<count)
    }
    let passes: [PathAddresses.Pass] = [
      .training, .reference(view: 0), .reference(view: 1), .step(0, view: 0), .step(1, view: 0), .step(0, view: 1),
    ]
    let all = try passes.map { try logits($0) }
    for (i, a) in all.enumerated() {
      for b in all.dropFirst(i + 1) { #expect(!a.hasBits(of: b), "\(passes[i])") }
      #expect(try logits(passes[i]).hasBits(of: a))
      #expect(try !logits(passes[i], epoch: 1).hasBits(of: a))
    }
    // Two that are left have what they had among six.
    let left = try logits(.step(0, view: 0), places: [1, 4])
    #expect(
      left.images(0..<1).hasBits(of: all[3].images(1..<2)) && left.images(1..<2).hasBits(of: all[3].images(4..<5)))
  }

  /// The gradient of the parameters is the derivative of the loss along it, with the same branches left out.
  @Test(arguments: [BatchStatistics.batch, .running]) func gradientsAreThoseOfThePass(mode: BatchStatistics) throws {
    let engine = Self.engine(rate: "0.4")
    let slice = engine.slice(6, shardSize: 2)
    let addresses = PathAddresses(seed: 3, epoch: 2, examples: [0, 1, 2, 3, 4, 5])
    let sum = GradientSum(engine.network.parameters, pool: engine.pool)
    engine.network.drawPaths(at: addresses)
    _ = try engine.pass(pictures, labels: labels, mode, slice, gradients: sum)
    let gradient = engine.total(sum)
    let norm = gradient.values.elements.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    let weights = engine.state.parameters.values.array
    func loss(_ step: Double) throws -> Double {
      for i in weights.indices {
        engine.state.parameters.values.pointer[i] = weights[i] + Float(step / norm) * gradient.values.pointer[i]
      }
      engine.network.prepare(engine.state)
      engine.network.drawPaths(at: addresses)
      return try engine.pass(pictures, labels: labels, mode, slice).loss
    }
    let step = 1e-2
    let slope = (try loss(step) - loss(-step)) / (2 * step)
    #expect(abs(slope / norm - 1) < 1e-2, "\(slope) for \(norm)")
  }
}
