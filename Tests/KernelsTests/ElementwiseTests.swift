// Flat loops against the same formulas in Double: each result is a few roundings of its terms away.

import Kernels
import Oracle
import Parity
import Tensors
import Testing

@Suite struct ElementwiseTests {
  static let counts = [1, 15, 16, 17, 64, 1000]
  let data = OracleData(seed: 13)

  private func guarded(_ values: OracleTensor) -> Guarded {
    let result = Guarded(Shape(n: 1, c: values.count))
    for i in values.values.indices { result.tensor.pointer[i] = Float(values.values[i]) }
    return result
  }

  @Test(arguments: counts) func sumsAndAverages(count: Int) {
    let (a, b) = (data.values([count], number: 1), data.values([count], number: 2))
    let (sum, average, other) = (guarded(a), guarded(a), guarded(b))
    Elementwise.add(sum.tensor.pointer, other.tensor.pointer, count: count)
    let decay: Float = 0.85
    Elementwise.average(average.tensor.pointer, towards: other.tensor.pointer, decay: decay, count: count)
    #expect(sum.isIntact && average.isIntact && other.isIntact)
    var worst = WorstRatio("sum and average of \(count)")
    for i in 0..<count {
      let (x, y) = (a.values[i], b.values[i])
      worst.add(Double(sum.tensor.pointer[i]), x + y, bound: roundoff * abs(x + y), "sum \(i)")
      let (p, q) = (Double(decay) * x, (1 - Double(decay)) * y)
      worst.add(Double(average.tensor.pointer[i]), p + q, bound: 3 * roundoff * (abs(p) + abs(q)), "average \(i)")
    }
    #expect(worst.isWithinBounds(), "\(worst.place)")
  }

  @Test(arguments: counts) func normsAndMultiples(count: Int) {
    let a = data.values([count], number: 9).rounded
    let multiple = guarded(a)
    // Exact squares: only the additions round, each at most once.
    let exact = a.values.reduce(0) { $0 + $1 * $1 }
    let sum = Elementwise.sumOfSquares(multiple.tensor.pointer, count: count)
    #expect(abs(sum - exact) <= Double(count) * 0x1p-52 * exact)
    let factor: Float = 0.3
    Elementwise.scale(multiple.tensor.pointer, by: factor, count: count)
    #expect(multiple.isIntact)
    var worst = WorstRatio("multiple of \(count)")
    for i in 0..<count {
      let expected = Double(factor) * a.values[i]
      worst.add(Double(multiple.tensor.pointer[i]), expected, bound: roundoff * abs(expected), "element \(i)")
    }
    #expect(worst.isWithinBounds(), "\(worst.place)")
  }

  @Test(arguments: counts, [false, true]) func optimizer(count: Int, nesterov: Bool) {
    let (w, v) = (data.values([count], number: 3), data.values([count], number: 4))
    let g = data.values([count], number: 5)
    let (weights, momentum, gradient) = (guarded(w), guarded(v), guarded(g))
    let (rate, factor, decay): (Float, Float, Float) = (0.1, 0.9, 5e-4)
    let update = nesterov ? Elementwise.nesterov : Elementwise.sgd
    update(
      weights.tensor.pointer, momentum.tensor.pointer, gradient.tensor.pointer, rate, factor, decay, count)
    #expect(weights.isIntact && momentum.isIntact && gradient.isIntact)
    var worst = WorstRatio("SGD of \(count)\(nesterov ? ", Nesterov's" : "")")
    for i in 0..<count {
      let decayed = g.values[i] + Double(decay) * w.values[i]
      let velocity = Double(factor) * v.values[i] + decayed
      let step = nesterov ? decayed + Double(factor) * velocity : velocity
      let size = abs(g.values[i]) + abs(w.values[i]) + abs(v.values[i])
      worst.add(Double(momentum.tensor.pointer[i]), velocity, bound: 4 * roundoff * size, "velocity \(i)")
      worst.add(
        Double(weights.tensor.pointer[i]), w.values[i] - Double(rate) * step, bound: 3 * roundoff * size,
        "weight \(i)")
    }
    #expect(worst.isWithinBounds(), "\(worst.place)")
  }

  /// Originals in the pixel range, gradients with zeros among them.
  @Test(arguments: counts) func signSteps(count: Int) {
    let x = data.values([count], number: 6).map { 0.5 + 0.5 * $0 }.rounded
    let start = OracleTensor(
      shape: [count],
      values: zip(x.values, data.values([count], number: 7).values).map { min(max($0 + 0.02 * $1, 0), 1) }
    ).rounded
    let g = data.values([count], number: 8).map { abs($0) < 0.2 ? 0 : $0 }
    let (epsilon, step) = (Float(8) / 255, Float(2) / 255)
    let (moved, original, gradient) = (guarded(start), guarded(x), guarded(g))
    Elementwise.signStep(
      moved.tensor.pointer, original: original.tensor.pointer, gradient: gradient.tensor.pointer, step: step,
      epsilon: epsilon, count: count)
    #expect(moved.isIntact)
    var worst = WorstRatio("sign step of \(count)")
    for i in 0..<count {
      let sign: Double = g.values[i] > 0 ? 1 : g.values[i] < 0 ? -1 : 0
      let target = start.values[i] + sign * Double(step)
      let inBall = min(max(target, x.values[i] - Double(epsilon)), x.values[i] + Double(epsilon))
      worst.add(Double(moved.tensor.pointer[i]), min(max(inBall, 0), 1), bound: 3 * roundoff, "element \(i)")
      #expect((0...1).contains(moved.tensor.pointer[i]))
    }
    #expect(worst.isWithinBounds(), "\(worst.place)")
  }
}
