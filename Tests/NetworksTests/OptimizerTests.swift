// SGD's two momentums and the clipping of gradients, against PyTorch's formulas in Double.

import Networks
import Oracle
import Parallelism
import Parity
import Tensors
import Testing

@Suite struct OptimizerTests {
  /// Some 700,000 parameters in slots with gaps between them: eleven pieces of a parallel loop.
  private static let layout = EngineNetwork(OracleParameters.generate(width: 16, classes: 10, seed: 0)).network
    .parameters

  /// Values in -1...1 in the slots, zeros between them.
  private func values(_ number: Int) -> ParameterBuffer {
    let buffer = ParameterBuffer(Self.layout)
    let data = OracleData(seed: 21).values([Self.layout.count], number: number)
    for slot in Self.layout.slots {
      for i in 0..<slot.count { buffer[slot][i] = Float(data.values[slot.offset + i]) }
    }
    return buffer
  }

  private func doubles(_ buffer: ParameterBuffer) -> [Double] { buffer.values.elements.map(Double.init) }

  /// torch.optim.SGD: d = g + λ·w;  v = d at first, then μ·v + d;  w -= η·v, with Nesterov η·(d + μ·v).
  @Test(arguments: [false, true], [1, 3]) func threeSteps(nesterov: Bool, threads: Int) {
    let (rate, momentum, decay): (Float, Float, Float) = (0.1, 0.9, 5e-3)
    let pool = ThreadPool(threadCount: threads)
    defer { pool.stop() }
    let sgd = SGD(Self.layout, momentum: momentum, weightDecay: decay, nesterov: nesterov)
    let weights = values(0)
    var w = doubles(weights)
    var v: [Double]?
    for step in 1...3 {
      let gradient = values(step)
      sgd.step(weights, gradient: gradient, learningRate: rate, number: step, pool)
      let d = zip(doubles(gradient), w).map { $0 + Double(decay) * $1 }
      v = v.map { zip($0, d).map { Double(momentum) * $0 + $1 } } ?? d
      for i in w.indices {
        w[i] -= Double(rate) * (nesterov ? d[i] + Double(momentum) * v![i] : v![i])
      }
    }
    // Three steps of a few roundings of numbers below 4.
    let bound = 3 * 4 * 4 * Double(Float.ulpOfOne)
    let worst = zip(doubles(weights), w).reduce(0) { max($0, abs($1.0 - $1.1)) }
    let worstVelocity = zip(doubles(sgd.buffers[0].buffer), v!).reduce(0) { max($0, abs($1.0 - $1.1)) }
    #expect(worst < bound && worstVelocity < bound, "weights \(worst), velocity \(worstVelocity), bound \(bound)")
    #expect(sgd.buffers.map(\.name) == ["momentum"])
  }

  /// Nesterov's first step is that of a momentum 1 + μ as large.
  @Test func bothKindsDiffer() {
    let pool = ThreadPool(threadCount: 1)
    defer { pool.stop() }
    let ends = [false, true].map { nesterov -> [Float] in
      let weights = values(0)
      SGD(Self.layout, momentum: 0.5, weightDecay: 0, nesterov: nesterov)
        .step(weights, gradient: values(1), learningRate: 1, number: 1, pool)
      return weights.values.array
    }
    let (start, gradient) = (values(0).values.array, values(1).values.array)
    #expect(ends[0].indices.allSatisfy { ends[0][$0] == start[$0] - gradient[$0] })
    #expect(ends[1].indices.allSatisfy { abs(ends[1][$0] - (start[$0] - 1.5 * gradient[$0])) < 1e-6 })
  }

  // MARK: Clipping

  /// torch.nn.utils.clip_grad_norm_: g *= min(1, c / (norm + 1e-6)).
  @Test(arguments: [0.5, 300, 1000]) func clipping(largest: Double) {
    let gradient = values(4)
    let before = doubles(gradient)
    let norm = before.reduce(0) { $0 + $1 * $1 }.squareRoot()
    // Of numbers spread evenly over -1...1: √(n/3), some 480.
    #expect((400...600).contains(norm))
    let factor = min(1, largest / (norm + 1e-6))
    let pool = ThreadPool(threadCount: 2)
    defer { pool.stop() }
    #expect(abs(GradientClip(Self.layout, largest: largest).apply(gradient, pool) / norm - 1) < 1e-12)
    let after = doubles(gradient)
    #expect(after.indices.allSatisfy { abs(after[$0] - factor * before[$0]) <= 2e-7 * abs(before[$0]) })
    if factor == 1 { #expect(after == before) }
    #expect(after.reduce(0) { $0 + $1 * $1 }.squareRoot() <= largest * (1 + 1e-6))
  }

  @Test func theSameBitsOnAnyThreads() {
    let results = [1, 2, 3, 5].map { threads -> (norm: UInt64, values: [Float]) in
      let pool = ThreadPool(threadCount: threads)
      defer { pool.stop() }
      let gradient = values(5)
      let norm = GradientClip(Self.layout, largest: 1).apply(gradient, pool)
      return (norm.bitPattern, gradient.values.array)
    }
    #expect(results.allSatisfy { $0.norm == results[0].norm && $0.values == results[0].values })
  }

  /// What is no number stays for the loss to tell: PyTorch multiplies it by 0 or NaN.
  @Test(arguments: [Float.nan, .infinity]) func aGradientThatIsNoNumber(value: Float) {
    let pool = ThreadPool(threadCount: 1)
    defer { pool.stop() }
    let gradient = values(6)
    gradient.values.pointer[5] = value
    #expect(!GradientClip(Self.layout, largest: 1).apply(gradient, pool).isFinite)
    #expect(!gradient.isFinite)
  }
}
