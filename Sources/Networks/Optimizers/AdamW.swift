// Adam with decoupled weight decay, as PyTorch has it:
//
//   w ← w − η·λ·w,   m ← β₁·m + (1 − β₁)·g,   v ← β₂·v + (1 − β₂)·g²
//   w ← w − η·m/(1 − β₁ᵗ) / (√v/√(1 − β₂ᵗ) + ε);   m and v are 0 at first, t is the number of the step, from 1.
//
// (Loshchilov, Hutter: Decoupled weight decay regularization. ICLR 2019.) λ holds where the tensor's slot says so: for
// matrices and filters, not for biases, factors, and what is learnt of no input.

import Kernels
import Parallelism

/// The optimizer and its two moments.
package struct AdamW: Optimizer {
  /// What it is told.
  package struct Settings: Equatable, Sendable {
    /// β₁ and β₂, in 0..<1.
    package var first: Double, second: Double
    /// ε, above 0.
    package var epsilon: Double
    /// λ.
    package var weightDecay: Double

    package init(first: Double = 0.9, second: Double = 0.999, epsilon: Double = 1e-8, weightDecay: Double) {
      self.first = first
      self.second = second
      self.epsilon = epsilon
      self.weightDecay = weightDecay
    }
  }

  private let m: ParameterBuffer, v: ParameterBuffer
  private let settings: Settings
  /// Pieces of the flat memory, and whether λ holds there.
  private let pieces: [(range: Range<Int>, decays: Bool)]

  package init(_ layout: ParameterLayout, _ settings: Settings) {
    self.init(ParameterBuffer(layout), ParameterBuffer(layout), settings, Self.pieces(layout))
  }

  private init(
    _ m: ParameterBuffer, _ v: ParameterBuffer, _ settings: Settings, _ pieces: [(range: Range<Int>, decays: Bool)]
  ) {
    self.m = m
    self.v = v
    self.settings = settings
    self.pieces = pieces
  }

  private static func pieces(_ layout: ParameterLayout) -> [(range: Range<Int>, decays: Bool)] {
    let size = 1 << 16
    return layout.slots.flatMap { slot in
      stride(from: 0, to: slot.count, by: size).map { first in
        (slot.offset + first..<slot.offset + min(slot.count, first + size), slot.decays)
      }
    }
  }

  package var buffers: [(name: String, buffer: ParameterBuffer)] { [("first-moment", m), ("second-moment", v)] }

  package func withOwnMemory() -> AdamW {
    AdamW(ParameterBuffer(m.layout), ParameterBuffer(v.layout), settings, pieces)
  }

  package func step(
    _ weights: ParameterBuffer, gradient: ParameterBuffer, learningRate: Float, number: Int, _ pool: ThreadPool
  ) {
    let count = weights.layout.count
    precondition(gradient.layout.count == count && m.layout.count == count, "parameters of several networks")
    precondition(number >= 1, "steps are counted from 1")
    let rate = Double(learningRate)
    let update = Elementwise.AdamW(
      first: settings.first, second: settings.second,
      stepSize: Float(rate / (1 - Self.power(settings.first, number))),
      correction: Float(1 / (1 - Self.power(settings.second, number)).squareRoot()), epsilon: Float(settings.epsilon))
    pool.forEach(pieces.count) { i, _ in
      let (range, decays) = pieces[i]
      update.step(
        weights.values.pointer + range.lowerBound, m.values.pointer + range.lowerBound,
        v.values.pointer + range.lowerBound, gradient.values.pointer + range.lowerBound,
        keep: decays ? Float(1 - rate * settings.weightDecay) : 1, count: range.count)
    }
  }

  /// xⁿ by squaring: the same bits on every CPU.
  private static func power(_ x: Double, _ n: Int) -> Double {
    var (result, square, rest) = (1.0, x, n)
    while rest > 0 {
      if rest & 1 == 1 { result *= square }
      square *= square
      rest >>= 1
    }
    return result
  }
}
