// Adam with decoupled weight decay against PyTorch's in float64, on the parameters of a small XCiT.

import Networks
import Options
import Oracle
import Parallelism
import Parity
import Tensors
import Testing

@Suite struct AdamWTests {
  private static let layout = Choice("xcit-s12", given: TokenNetworkTests.timms.options)
    .network(NetworkConfiguration(), .describing()).parameters
  private static let data = OracleData(seed: 7)

  private func gradient(_ step: Int) -> ParameterBuffer {
    let buffer = ParameterBuffer(Self.layout)
    for (t, slot) in buffer.layout.slots.enumerated() {
      let values = Self.data.values(slot.shape, number: 1000 * step + t).values
      buffer.import(values.map(Float.init), into: slot)
    }
    return buffer
  }

  private func weights() -> ParameterBuffer {
    let buffer = ParameterBuffer(Self.layout)
    let values = OracleResidualNetwork.addressedState(
      buffer.layout.slots.map { ($0.name, $0.shape) }, seed: Self.data.seed)
    for slot in buffer.layout.slots { buffer.import(values[slot.name]!.values.map(Float.init), into: slot) }
    return buffer
  }

  /// Ten steps: parameters to 1e-6 of their norm, moments too.
  @Test(arguments: [1, 3]) func tenSteps(threads: Int) throws {
    let golden = try golden("adamw", as: GoldenAdamW.self)
    let pool = ThreadPool(threadCount: threads)
    defer { pool.stop() }
    let weights = weights()
    let optimizer = AdamW(weights.layout, AdamW.Settings(weightDecay: golden.weightDecay))
    for step in 1...golden.steps {
      optimizer.step(
        weights, gradient: gradient(step), learningRate: Float(golden.learningRate * Double(step)), number: step, pool)
    }
    #expect(optimizer.buffers.map(\.name) == ["first-moment", "second-moment"])
    var worst = WorstRatio("AdamW")
    func compare(_ buffer: ParameterBuffer, _ slot: ParameterSlot, _ exact: Fingerprint, _ name: String) {
      let own = OracleTensor(shape: slot.shape, values: buffer.exported(slot).map(Double.init))
      // Where a value is small, what was added to it was not.
      let size = exact.norm / Double(slot.count).squareRoot()
      worst.add(own.norm, exact.norm, bound: 1e-6 * exact.norm, "\(name), norm")
      for (position, sample) in zip(Self.data.samplePositions(count: slot.count), exact.samples) {
        worst.add(own.values[position], sample, bound: 1e-6 * max(abs(sample), size), "\(name), \(position)")
      }
    }
    let moments = zip(optimizer.buffers, ["exp_avg", "exp_avg_sq"])
    for slot in weights.layout.slots {
      compare(weights, slot, golden.parameters[slot.name]!, slot.name)
      guard let own = golden.moments[slot.name] else { continue }
      for (buffer, key) in moments { compare(buffer.buffer, slot, own[key]!, "\(slot.name) \(key)") }
    }
    let isWithinBounds = worst.isWithinBounds()
    #expect(isWithinBounds, "\(worst.place)")
    #expect(weights.isFinite)
  }

  /// The class token, biases and factors stay as they are where there is no gradient; the temperature decays.
  @Test func whatDecays() {
    let pool = ThreadPool(threadCount: 1)
    defer { pool.stop() }
    let (weights, before) = (weights(), weights())
    AdamW(weights.layout, AdamW.Settings(weightDecay: 0.5))
      .step(weights, gradient: ParameterBuffer(weights.layout), learningRate: 0.1, number: 1, pool)
    for slot in weights.layout.slots {
      let decays = slot.name != "cls_token" && slot.shape.count > 1
      let isAsSaid = (0..<slot.count).allSatisfy { weights[slot][$0] == (decays ? 0.95 : 1) * before[slot][$0] }
      #expect(isAsSaid && slot.decays == decays, "\(slot.name)")
    }
  }
}
