// Names, counts, initial values, and the exchange with PyTorch's layouts.

import Networks
import Options
import Oracle
import Parallelism
import Parity
import Tensors
import Testing

@Suite struct LayoutTests {
  private func network(width: Int, classes: Int) -> (any Network, ThreadPool) {
    let pool = ThreadPool(threadCount: 1)
    return (
      Choice("preactresnet18", given: ["model.width": "\(width)"]).network(
        NetworkConfiguration(classes: classes), Engine(pool: pool, reduction: LocalBatchReduction())), pool
    )
  }

  /// The counts of PyTorch's model at full width.
  @Test(arguments: [(10, 11_172_170), (100, 11_218_340)]) func counts(classes: Int, count: Int) {
    let (network, pool) = network(width: 64, classes: classes)
    defer { pool.stop() }
    #expect(network.parameters.slots.count == 56)
    #expect(network.parameters.parameterCount == count)
    #expect(network.statistics.slots.count == 34)
    let normalised = network.parameters.slots.filter { $0.role == .scale }.reduce(0) { $0 + $1.count }
    #expect(network.statistics.parameterCount == 2 * normalised)
  }

  /// PyTorch's `named_parameters()`, as the oracle lists them, and its buffers.
  @Test func names() {
    let (network, pool) = network(width: 8, classes: 10)
    defer { pool.stop() }
    let expected = OracleParameters.trainableShapes(width: 8, classes: 10)
    #expect(network.parameters.slots.map(\.name) == expected.map(\.name))
    #expect(network.parameters.slots.map(\.shape) == expected.map(\.shape))
    let norms = expected.map(\.name).filter { $0.contains("bn") && $0.hasSuffix(".weight") }.map { $0.dropLast(7) }
    #expect(network.statistics.slots.map(\.name) == norms.flatMap { ["\($0).running_mean", "\($0).running_var"] })
    for layout in [network.parameters, network.statistics] {
      for (slot, next) in zip(layout.slots, layout.slots.dropFirst()) {
        #expect(slot.offset % 16 == 0 && slot.offset + slot.count <= next.offset)
      }
      #expect(layout.slots.last!.offset + layout.slots.last!.count <= layout.count)
    }
  }

  /// Initial values are a pure function of the seed, the same bits as the generator of the golden files makes.
  @Test(arguments: [8, 12, 16, 64], [UInt64(7), 1234]) func initialValues(width: Int, seed: UInt64) {
    let (network, pool) = network(width: width, classes: 10)
    defer { pool.stop() }
    let state = Model(parameters: network.parameters, statistics: network.statistics)
    state.initialize(seed: seed)
    let expected = OracleParameters.generate(width: width, classes: 10, seed: seed)
    for slot in network.parameters.slots {
      let isEqual = state.parameters.exported(slot).elementsEqual(expected[slot.name].values) {
        $0.bitPattern == Float($1).bitPattern
      }
      #expect(isEqual, "\(slot.name)")
    }
    for slot in network.statistics.slots {
      let isEqual = state.statistics.exported(slot).map(Double.init) == expected.buffers[slot.name]!.values
      #expect(isEqual, "\(slot.name)")
    }
  }

  /// What is imported comes out again, and a filter's element lies where its four indices say.
  @Test func exchange() {
    let (network, pool) = network(width: 8, classes: 10)
    defer { pool.stop() }
    let buffer = ParameterBuffer(network.parameters)
    for slot in network.parameters.slots {
      let values = (0..<slot.count).map { Float($0) }
      buffer.import(values, into: slot)
      let isEqual = buffer.exported(slot) == values
      #expect(isEqual, "\(slot.name)")
      let tensor = OracleTensor(shape: slot.shape, values: values.map(Double.init))
      if slot.role == .filter {
        let filters = Tensor(filters: tensor)
        #expect((0..<slot.count).allSatisfy { buffer[slot][$0] == filters.pointer[$0] }, "\(slot.name)")
      } else {
        #expect((0..<slot.count).allSatisfy { buffer[slot][$0] == values[$0] }, "\(slot.name)")
      }
    }
  }
}
