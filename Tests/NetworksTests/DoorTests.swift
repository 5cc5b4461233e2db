// What passes refuse: each of these would read or write memory that is not theirs, or give wrong numbers.

import Classification
import Networks
import Options
import Oracle
import Parallelism
import Parity
import Tensors
import Testing

@Suite struct DoorTests {
  static let data = OracleData(seed: 5)
  static let parameters = OracleParameters.generate(width: 8, classes: 10, seed: 5, affine: .addressed)

  /// A network, prepared and with room for four examples of 16x16, and its forward pass of three.
  private struct House {
    let engine = EngineNetwork(DoorTests.parameters, height: 16, width: 16)
    let slice = BatchSlice(whole: 3)
    let pictures = Tensor(pictures: DoorTests.data.pixels(0..<3, height: 16, width: 16))
    let dLogits = Tensor(Shape(n: 3, c: 10))

    init() { engine.network.reserve(examples: 4, shardSize: 4) }

    func forward(_ images: Tensor? = nil, _ slice: BatchSlice? = nil, of model: Model? = nil) throws {
      _ = try engine.network.forward(images ?? pictures, model ?? engine.state, .batch, slice ?? self.slice)
    }

    func backward(
      _ dLogits: Tensor? = nil, _ state: Model? = nil, _ mode: BatchStatistics = .batch, _ slice: BatchSlice? = nil
    ) throws {
      _ = try engine.network.backward(
        dLogits ?? self.dLogits, state ?? engine.state, mode, slice ?? self.slice, gradients: nil)
    }

    /// Other weights of the same network.
    var other: Model {
      Model(parameters: engine.network.parameters, statistics: engine.network.statistics)
    }
  }

  @Test func aPassIsMade() throws {
    let house = House()
    let before = house.engine.network.passes
    try house.forward()
    #expect(house.engine.network.passes == before + 1)
    try house.backward()
    try house.backward()
  }

  @Test func imagesOfAnotherSize() async {
    await #expect(processExitsWith: .failure) { try House().forward(Tensor(Shape(n: 3, h: 16, w: 24, c: 3))) }
    await #expect(processExitsWith: .failure) { try House().forward(Tensor(Shape(n: 2, h: 16, w: 16, c: 3))) }
  }

  @Test func moreThanIsReserved() async {
    await #expect(processExitsWith: .failure) {
      try House().forward(Tensor(Shape(n: 5, h: 16, w: 16, c: 3)), BatchSlice(whole: 5))
    }
  }

  @Test func weightsThatAreNotPrepared() async {
    await #expect(processExitsWith: .failure) {
      let house = House()
      try house.forward(of: house.other)
    }
  }

  @Test func aBackwardPassOfAnotherForwardPass() async {
    await #expect(processExitsWith: .failure) { try House().backward() }
    await #expect(processExitsWith: .failure) {
      let house = House()
      try house.forward()
      try house.backward(nil, nil, .running)
    }
    await #expect(processExitsWith: .failure) {
      let house = House()
      try house.forward()
      try house.backward(Tensor(Shape(n: 2, c: 10)), nil, .batch, BatchSlice(whole: 2))
    }
    await #expect(processExitsWith: .failure) {
      let house = House()
      try house.forward()
      try house.backward(nil, house.other)
    }
    await #expect(processExitsWith: .failure) {
      let house = House()
      try house.forward()
      house.engine.network.prepare(house.engine.state)
      try house.backward()
    }
  }

  @Test func logitsOfAnotherSize() async {
    await #expect(processExitsWith: .failure) {
      let house = House()
      try house.forward()
      try house.backward(Tensor(Shape(n: 3, c: 12)))
    }
  }

  /// Two classifiers on one network: the gradient is that of the last one's images.
  @Test func aClassifierWhoseNetworkWentOn() async throws {
    func classifier(_ house: House) -> NetworkClassifier {
      NetworkClassifier(house.engine.network, house.engine.state, .batch, house.slice)
    }
    let house = House()
    let (first, second) = (classifier(house), classifier(house))
    _ = try first.logits(of: house.pictures)
    _ = try first.imageGradient(of: house.dLogits)
    _ = try second.logits(of: house.pictures)
    _ = try second.imageGradient(of: house.dLogits)
    await #expect(processExitsWith: .failure) {
      let house = House()
      let first = NetworkClassifier(house.engine.network, house.engine.state, .batch, house.slice)
      let second = NetworkClassifier(house.engine.network, house.engine.state, .batch, house.slice)
      _ = try first.logits(of: house.pictures)
      _ = try second.logits(of: house.pictures)
      _ = try first.imageGradient(of: house.dLogits)
    }
  }

  @Test func sizesThatNoKernelHas() async {
    await #expect(processExitsWith: .failure) {
      _ = Choice("preactresnet18").network(NetworkConfiguration(height: 20), .describing())
    }
    // 9 x 16384 x 16384 filters of the last stage are more than 32 bits count.
    await #expect(processExitsWith: .failure) {
      _ = Choice("preactresnet18", given: ["model.width": "2048"]).network(NetworkConfiguration(), .describing())
    }
  }
}
