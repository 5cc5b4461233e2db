// Matrix products of tokens, their gradients, and class attention, against sums in Double.

import Foundation
import Kernels
import Oracle
import Parity
import Tensors
import Testing

@Suite struct TokenProductTests {
  let data = OracleData(seed: 37)
  /// Rows, depth and channels: rests of tiles, one vector and several panels, XCiT's.
  static let extents = [(1, 16, 16), (7, 16, 48), (9, 5, 32), (64, 48, 144), (65, 384, 64), (13, 1_536, 16)]

  private func matrix(_ rows: Int, _ columns: Int, _ number: Int) -> OracleTensor {
    data.values([rows, columns], number: number).rounded
  }

  /// y = x·(s∘W)ᵀ + b and what follows it; rows have the same bits wherever they stand.
  @Test(arguments: extents) func forwardAgrees(rows: Int, depth: Int, channels: Int) {
    let (x, w) = (matrix(rows, depth, 1), matrix(channels, depth, 2))
    let (scale, bias) = (matrix(1, channels, 3), matrix(1, channels, 4))
    let residual = matrix(rows, channels, 5)
    let (tx, tw, ts, tb) = (Tensor(rows: x), Tensor(rows: w), Tensor(rows: scale), Tensor(rows: bias))
    let product = TokenProduct(depth: depth, channels: channels)
    let packed = Guarded(Shape(n: 1, c: product.packedCount))
    for panel in 0..<product.panelCount {
      product.pack(rows: tw.pointer, scale: ts.pointer, into: packed.tensor.pointer, panel: panel)
    }
    let results = (0..<4).map { _ in Guarded(Shape(n: rows, c: channels)) }
    func run(_ into: Guarded, _ finish: TokenProduct.Finish) {
      product.run(
        tx.pointer, rows: rows, packed: packed.tensor.pointer, into: into.tensor.pointer, finish)
    }
    run(results[0], .bias(tb.pointer))
    run(results[1], .gelu(bias: tb.pointer, activated: results[2].tensor.pointer))
    let tr = Tensor(rows: residual)
    run(results[3], .residual(bias: tb.pointer, tr.pointer, factor: 0.5))
    let areIntact = ([packed] + results).allSatisfy(\.isIntact)
    #expect(areIntact)
    var worst = WorstRatio("product of \(rows)x\(depth)x\(channels)")
    for r in 0..<rows {
      for c in 0..<channels {
        let terms = (0..<depth).map {
          x.values[r * depth + $0] * scale.values[c] * w.values[c * depth + $0]
        }
        let z = terms.reduce(bias.values[c], +)
        let size = terms.reduce(abs(bias.values[c])) { $0 + abs($1) }
        let (bound, at) = (Double(depth + 4) * roundoff * size, r * channels + c)
        worst.add(Double(results[0].tensor.pointer[at]), z, bound: bound, "z")
        worst.add(
          Double(results[2].tensor.pointer[at]), z / 2 * (1 + erf(z / 2.0.squareRoot())), bound: 2 * bound + 1e-6,
          "GELU(z)")
        worst.add(
          Double(results[3].tensor.pointer[at]), residual.values[at] + 0.5 * z,
          bound: bound + 2 * roundoff * abs(residual.values[at]), "r + z / 2")
      }
    }
    let isWithinBounds = worst.isWithinBounds()
    #expect(isWithinBounds, "\(worst.place)")
    #expect(results[1].tensor.hasBits(of: results[0].tensor))
    let alone = Tensor(Shape(n: 1, c: channels))
    let areEqual = (0..<rows).allSatisfy { r in
      product.run(
        tx.pointer + r * depth, rows: 1, packed: packed.tensor.pointer, into: alone.pointer, .bias(tb.pointer))
      return alone.hasBits(of: results[0].tensor.images(r..<r + 1))
    }
    #expect(areEqual)
  }

  /// dx = dy·(s∘W).
  @Test(arguments: extents) func inputGradientAgrees(rows: Int, depth: Int, channels: Int) {
    let (dy, w, scale) = (matrix(rows, depth, 6), matrix(depth, channels, 7), matrix(1, depth, 8))
    let (tdy, tw, ts) = (Tensor(rows: dy), Tensor(rows: w), Tensor(rows: scale))
    let product = TokenProduct(depth: depth, channels: channels)
    let packed = Guarded(Shape(n: 1, c: product.packedCount))
    for panel in 0..<product.panelCount {
      product.pack(columns: tw.pointer, scale: ts.pointer, into: packed.tensor.pointer, panel: panel)
    }
    let dx = Guarded(Shape(n: rows, c: channels))
    product.run(tdy.pointer, rows: rows, packed: packed.tensor.pointer, into: dx.tensor.pointer, .plain)
    #expect(dx.isIntact && packed.isIntact)
    var worst = WorstRatio("gradient of \(rows)x\(depth)x\(channels)")
    for r in 0..<rows {
      for c in 0..<channels {
        let terms = (0..<depth).map {
          dy.values[r * depth + $0] * scale.values[$0] * w.values[$0 * channels + c]
        }
        worst.add(
          Double(dx.tensor.pointer[r * channels + c]), terms.reduce(0, +),
          bound: Double(depth + 2) * roundoff * terms.reduce(0) { $0 + abs($1) }, "dx")
      }
    }
    let isWithinBounds = worst.isWithinBounds()
    #expect(isWithinBounds, "\(worst.place)")
  }

  /// dW = dyᵀ·x, packed in two parts of rows.
  @Test(arguments: [(1, 16, 16), (7, 48, 16), (64, 144, 48), (300, 32, 80), (130, 16, 1_536)])
  func weightGradientAgrees(rows: Int, inputs: Int, outputs: Int) {
    let (x, dy) = (matrix(rows, inputs, 9), matrix(rows, outputs, 10))
    let (tx, tdy) = (Tensor(rows: x), Tensor(rows: dy))
    let program = TokenWeightGradient(inputs: inputs, outputs: outputs)
    let packedInputs = Guarded(Shape(n: 1, c: program.packedInputCount(rows: rows)))
    let packedGradients = Guarded(Shape(n: 1, c: program.packedGradientCount(rows: rows)))
    for part in [0..<rows / 3, rows / 3..<rows] {
      program.pack(
        inputs: tx.image(part.lowerBound), into: packedInputs.tensor.pointer, rows: part.count,
        first: part.lowerBound, total: rows)
      program.pack(
        gradients: tdy.image(part.lowerBound), into: packedGradients.tensor.pointer, rows: part.count,
        first: part.lowerBound, total: rows)
    }
    let dw = Guarded(Shape(n: outputs, c: inputs))
    for piece in 0..<program.pieceCount {
      program.run(
        piece: piece, inputs: packedInputs.tensor.pointer, gradients: packedGradients.tensor.pointer, rows: rows,
        into: dw.tensor.pointer)
    }
    #expect(dw.isIntact && packedInputs.isIntact && packedGradients.isIntact)
    var worst = WorstRatio("weight gradient of \(rows)x\(inputs)x\(outputs)")
    for o in 0..<outputs {
      for i in 0..<inputs {
        let terms = (0..<rows).map { dy.values[$0 * outputs + o] * x.values[$0 * inputs + i] }
        worst.add(
          Double(dw.tensor.pointer[o * inputs + i]), terms.reduce(0, +),
          bound: Double(rows + 4) * roundoff * terms.reduce(0) { $0 + abs($1) }, "dW")
      }
    }
    let isWithinBounds = worst.isWithinBounds()
    #expect(isWithinBounds, "\(worst.place)")
  }

  /// One head of class attention between columns that are not its own, against central differences in Double.
  @Test(arguments: [(5, 6), (65, 48), (1, 3), (17, 24)]) func classAttentionAgrees(tokens: Int, channels: Int) {
    let (q, dO) = (matrix(1, channels, 20), matrix(1, channels, 21))
    let (k, v) = (matrix(tokens, channels, 22), matrix(tokens, channels, 23))
    func attention(_ q: [Double], _ k: [Double], _ v: [Double]) -> [Double] {
      let scores = (0..<tokens).map { t in
        (0..<channels).reduce(0) { $0 + q[$1] * k[t * channels + $1] } / Double(channels).squareRoot()
      }
      let weights = scores.map { exp($0 - scores.max()!) }
      let total = weights.reduce(0, +)
      return (0..<channels).map { c in
        (0..<tokens).reduce(0) { $0 + weights[$1] / total * v[$1 * channels + c] }
      }
    }
    /// The derivative of Σ do·o in an input.
    func difference(_ values: [Double], _ i: Int, _ f: ([Double]) -> [Double]) -> Double {
      let h = 1e-5
      func sum(_ step: Double) -> Double {
        var moved = values
        moved[i] += step
        return zip(f(moved), dO.values).reduce(0) { $0 + $1.0 * $1.1 }
      }
      return (sum(h) - sum(-h)) / (2 * h)
    }
    let stride = channels + 3
    func laid(_ x: OracleTensor) -> Tensor {
      let wide = Tensor(Shape(n: tokens, c: stride))
      wide.pointer.update(repeating: 9, count: wide.count)
      for i in x.values.indices { wide.pointer[i / channels * stride + i % channels] = Float(x.values[i]) }
      return wide
    }
    let head = ClassAttention(tokens: tokens, channels: channels, stride: stride)
    let (tk, tv, dk, dv) = (laid(k), laid(v), laid(k), laid(v))
    let (tq, tdO) = (Tensor(rows: q), Tensor(rows: dO))
    let (a, gradient) = (Guarded(Shape(n: 1, c: tokens)), Guarded(Shape(n: 1, c: tokens)))
    let (o, dq) = (Guarded(Shape(n: 1, c: channels)), Guarded(Shape(n: 1, c: channels)))
    head.forward(tq.pointer, tk.pointer, tv.pointer, attention: a.tensor.pointer, into: o.tensor.pointer)
    head.backward(
      tdO.pointer, tq.pointer, tk.pointer, tv.pointer, attention: a.tensor.pointer,
      gradient: gradient.tensor.pointer, dq: dq.tensor.pointer, dk: dk.pointer, dv: dv.pointer)
    let areIntact = [a, gradient, o, dq].allSatisfy(\.isIntact)
    #expect(areIntact)
    let untouched = [dk, dv].allSatisfy { x in (0..<x.count).allSatisfy { $0 % stride < channels || x.pointer[$0] == 9 }
    }
    #expect(untouched)
    var worst = WorstRatio("class attention of \(tokens)x\(channels)")
    // Values of at most 1 by softmax; the differences are good to 1e-9.
    let bound = 32 * roundoff + 1e-9
    let exact = attention(q.values, k.values, v.values)
    for c in 0..<channels { worst.add(Double(o.tensor.pointer[c]), exact[c], bound: bound, "o") }
    for c in 0..<channels {
      let own = difference(q.values, c) { attention($0, k.values, v.values) }
      worst.add(Double(dq.tensor.pointer[c]), own, bound: bound, "dq")
    }
    for i in Swift.stride(from: 0, to: k.count, by: max(1, k.count / 50)) {
      let at = i / channels * stride + i % channels
      worst.add(
        Double(dk.pointer[at]), difference(k.values, i) { attention(q.values, $0, v.values) }, bound: bound, "dk")
      worst.add(
        Double(dv.pointer[at]), difference(v.values, i) { attention(q.values, k.values, $0) }, bound: bound, "dv")
    }
    let isWithinBounds = worst.isWithinBounds()
    #expect(isWithinBounds, "\(worst.place)")
  }

  /// dγ of a row from its unscaled gradient, and what is left.
  @Test(arguments: [1, 16, 37]) func layerScaleOfARow(count: Int) {
    let (d, w) = (matrix(1, count, 30), matrix(1, count, 31))
    let (td, tw) = (Tensor(rows: d), Tensor(rows: w))
    let sum = LayerScale.finish(row: td.pointer, weights: tw.pointer, scale: 0.25, count: count)
    let exact = zip(d.values, w.values).reduce(0) { $0 + $1.0 * $1.1 }
    #expect(abs(Double(sum) - exact) < Double(count + 2) * roundoff * Double(count))
    let isScaled = (0..<count).allSatisfy { Double(td.pointer[$0]) == 0.25 * d.values[$0] }
    #expect(isScaled)
  }
}
