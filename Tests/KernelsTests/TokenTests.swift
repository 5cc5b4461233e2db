// Operators on tokens against the oracle.

import Foundation
import Kernels
import Oracle
import Parity
import Tensors
import Testing

@Suite struct TokenTests {
  let data = OracleData(seed: 31)
  /// Tokens and channels: whole vectors, rests, XCiT-S12's.
  static let extents = [(1, 16), (4, 48), (5, 19), (64, 384), (3, 7), (64, 48)]

  private func rows(_ tokens: Int, _ channels: Int, _ number: Int) -> OracleTensor {
    data.values([tokens, channels], number: number).rounded
  }

  /// To three roundings of the value where it is large and of x where it is small, down to the smallest normal numbers; and
  /// any count of elements.
  @Test(arguments: [0.5, 3.0, 14.0]) func geluAgrees(scale: Double) {
    var worst = WorstRatio("GELU within \(scale)")
    for count in [1, 15, 16, 17, 2_000] {
      let x = data.values([1, count], number: 40).map { $0 * scale }.rounded
      let dy = rows(1, count, 41)
      let (exact, gradient) = (gelu(x), geluBackward(dy, x: x))
      let (tx, tdy) = (Tensor(rows: x), Tensor(rows: dy))
      let (y, dx) = (Guarded(tx.shape), Guarded(tx.shape))
      GELU.forward(tx.pointer, into: y.tensor.pointer, count: count)
      GELU.inputGradient(tdy.pointer, x: tx.pointer, into: dx.tensor.pointer, count: count)
      #expect(y.isIntact && dx.isIntact)
      for i in 0..<count {
        let v = x.values[i]
        // e^(−x²/2) has the rounding of its argument.
        let smallest = 16 * Double(Float.leastNormalMagnitude)
        let bell = exp(-v * v / 2) * (6 + v * v)
        worst.add(
          Double(y.tensor.pointer[i]), exact.values[i],
          bound: roundoff * (3 * abs(exact.values[i]) + abs(v) * bell) + smallest,
          "y of \(v)")
        worst.add(
          Double(dx.tensor.pointer[i]), gradient.values[i],
          bound: roundoff * abs(dy.values[i]) * (5 + bell * (1 + abs(v))) + smallest, "dx of \(v)")
      }
    }
    let isWithinBounds = worst.isWithinBounds()
    #expect(isWithinBounds, "\(worst.place)")
  }

  @Test(arguments: extents) func layerNormAgrees(tokens: Int, channels: Int) {
    let (x, dy) = (rows(tokens, channels, 1).map { $0 + 0.5 }.rounded, rows(tokens, channels, 2))
    let (gamma, beta) = (data.values([channels], number: 3).rounded, data.values([channels], number: 4).rounded)
    let (tx, tdy) = (Tensor(rows: x), Tensor(rows: dy))
    let (tg, tb) = (Tensor(rows: gamma), Tensor(rows: beta))
    let (y, dx) = (Guarded(tx.shape), Guarded(tx.shape))
    let (means, inverses) = (Guarded(Shape(n: 1, c: tokens)), Guarded(Shape(n: 1, c: tokens)))
    let (dGamma, dBeta) = (Guarded(Shape(n: 1, c: channels)), Guarded(Shape(n: 1, c: channels)))
    for guarded in [dGamma, dBeta] { guarded.tensor.pointer.update(repeating: 0, count: channels) }
    LayerNorm.forward(
      tx.pointer, scale: tg.pointer, shift: tb.pointer, epsilon: 1e-6, into: y.tensor.pointer,
      means: means.tensor.pointer, inverses: inverses.tensor.pointer, tokens: tokens, channels: channels)
    LayerNorm.inputGradient(
      tdy.pointer, x: tx.pointer, scale: tg.pointer, means: means.tensor.pointer, inverses: inverses.tensor.pointer,
      into: dx.tensor.pointer, tokens: tokens, channels: channels)
    LayerNorm.addWeightGradients(
      tdy.pointer, x: tx.pointer, means: means.tensor.pointer, inverses: inverses.tensor.pointer,
      scale: dGamma.tensor.pointer, shift: dBeta.tensor.pointer, tokens: tokens, channels: channels)
    let areIntact = [y, dx, means, inverses, dGamma, dBeta].allSatisfy(\.isIntact)
    #expect(areIntact)
    let exact = layerNorm(x, gamma: gamma, beta: beta, epsilon: 1e-6)
    let gradient = layerNormBackward(dy, x: x, gamma: gamma, epsilon: 1e-6)
    // A sum of C products and what stands around it; values are of the order of 1 after the division by the deviation.
    let bound = Double(channels + 8) * roundoff
    var worst = WorstRatio("layer norm of \(tokens)x\(channels)")
    worst.add(OracleTensor(rows: y.tensor).largestDifference(to: exact), bound: bound, "y")
    worst.add(OracleTensor(rows: dx.tensor).largestDifference(to: gradient.dx), bound: 2 * bound, "dx")
    for (own, theirs, name) in [(dGamma, gradient.dgamma, "dgamma"), (dBeta, gradient.dbeta, "dbeta")] {
      let result = OracleTensor(shape: theirs.shape, values: own.tensor.elements.map(Double.init))
      worst.add(result.largestDifference(to: theirs), bound: bound + Double(tokens) * roundoff, name)
    }
    let isWithinBounds = worst.isWithinBounds()
    #expect(isWithinBounds, "\(worst.place)")
  }

  @Test(arguments: extents) func tokenNormAgrees(tokens: Int, channels: Int) {
    var x = rows(tokens, channels, 5)
    // A channel without length.
    for t in 0..<tokens { x.values[t * channels] = 0 }
    let dy = rows(tokens, channels, 6)
    let (tx, tdy) = (Tensor(rows: x), Tensor(rows: dy))
    let (y, dx) = (Guarded(tx.shape), Guarded(tx.shape))
    let (inverses, products) = (Guarded(Shape(n: 1, c: channels)), Guarded(Shape(n: 1, c: channels)))
    TokenNorm.forward(
      tx.pointer, into: y.tensor.pointer, inverses: inverses.tensor.pointer, tokens: tokens, channels: channels,
      stride: channels)
    TokenNorm.inputGradient(
      tdy.pointer, y: y.tensor.pointer, inverses: inverses.tensor.pointer, products: products.tensor.pointer,
      into: dx.tensor.pointer, tokens: tokens, channels: channels, stride: channels)
    let areIntact = [y, dx, inverses, products].allSatisfy(\.isIntact)
    #expect(areIntact)
    let (exact, gradient) = (tokenNorm(x), tokenNormBackward(dy, x: x))
    var worst = WorstRatio("token norm of \(tokens)x\(channels)")
    for i in x.values.indices {
      let c = i % channels
      worst.add(
        Double(y.tensor.pointer[i]), exact.values[i], bound: Double(tokens + 4) * roundoff * abs(exact.values[i]), "y")
      let magnitude = (0..<tokens).reduce(0) {
        $0 + abs(dy.values[$1 * channels + c] * exact.values[$1 * channels + c])
      }
      let inverse = Double(inverses.tensor.pointer[c])
      worst.add(
        Double(dx.tensor.pointer[i]), gradient.values[i],
        bound: Double(2 * tokens + 12) * roundoff * (abs(dy.values[i]) + magnitude) * inverse, "dx \(i)")
    }
    let isWithinBounds = worst.isWithinBounds()
    #expect(isWithinBounds, "\(worst.place)")
    // Part of wider rows: the rest is not touched.
    let stride = channels + 5
    let wide = Tensor(Shape(n: tokens, c: stride))
    for i in 0..<wide.count { wide.pointer[i] = 7 }
    for t in 0..<tokens {
      (wide.pointer + t * stride).update(from: tx.pointer + t * channels, count: channels)
    }
    TokenNorm.forward(
      wide.pointer, into: wide.pointer, inverses: inverses.tensor.pointer, tokens: tokens, channels: channels,
      stride: stride)
    let isSame = (0..<tokens).allSatisfy { t in
      (0..<channels).allSatisfy { wide.pointer[t * stride + $0] == y.tensor.pointer[t * channels + $0] }
        && (channels..<stride).allSatisfy { wide.pointer[t * stride + $0] == 7 }
    }
    #expect(isSame)
  }

  /// One head of several, between columns that are not its own; values of the order of 1 by sums over T and d.
  @Test(arguments: [(64, 48), (9, 6), (1, 3), (16, 24), (5, 17)]) func attentionAgrees(tokens: Int, channels: Int) {
    let (q, k) = (tokenNorm(rows(tokens, channels, 20)).rounded, tokenNorm(rows(tokens, channels, 21)).rounded)
    let (v, dO) = (rows(tokens, channels, 22), rows(tokens, channels, 23))
    let (stride, temperature): (Int, Float) = (channels + 3, 1.25)
    func laid(_ x: OracleTensor) -> Tensor {
      let wide = Tensor(Shape(n: tokens, c: stride))
      wide.pointer.update(repeating: 9, count: wide.count)
      for i in x.values.indices { wide.pointer[i / channels * stride + i % channels] = Float(x.values[i]) }
      return wide
    }
    func read(_ x: Tensor) -> OracleTensor {
      OracleTensor(
        shape: q.shape, values: (0..<q.count).map { Double(x.pointer[$0 / channels * stride + $0 % channels]) })
    }
    let head = CrossCovarianceAttention(tokens: tokens, channels: channels, stride: stride)
    let (tq, tk, tv, tdO) = (laid(q), laid(k), laid(v), laid(dO))
    let (g, a) = (Guarded(Shape(n: 1, c: head.matrixCount)), Guarded(Shape(n: 1, c: head.matrixCount)))
    let workspace = Guarded(Shape(n: 2, c: head.matrixCount))
    let results = (0..<4).map { _ in laid(OracleTensor(shape: q.shape)) }
    head.forward(
      tq.pointer, tk.pointer, tv.pointer, temperature: temperature, products: g.tensor.pointer,
      attention: a.tensor.pointer, workspace: workspace.tensor.pointer, into: results[0].pointer, outputStride: stride)
    let dTemperature = head.backward(
      tdO.pointer, tq.pointer, tk.pointer, tv.pointer, temperature: temperature, products: g.tensor.pointer,
      attention: a.tensor.pointer, workspace: workspace.tensor.pointer, dq: results[1].pointer, dk: results[2].pointer,
      dv: results[3].pointer, outputStride: stride)
    let areIntact = [g, a, workspace].allSatisfy(\.isIntact)
    #expect(areIntact)
    let untouched = results.allSatisfy { x in
      (0..<x.count).allSatisfy { $0 % stride < channels || x.pointer[$0] == 9 }
    }
    #expect(untouched)
    let exact = crossCovarianceAttentionBackward(dO, q: q, k: k, v: v, temperature: Double(temperature))
    let o = crossCovarianceAttention(q, k, v, temperature: Double(temperature))
    var worst = WorstRatio("cross-covariance attention of \(tokens)x\(channels)")
    let bound = Double(tokens + channels + 16) * roundoff
    // dA is a sum of T products of numbers up to 1, and so is what a rounding in it is of.
    let scale = Double(tokens)
    worst.add(read(results[0]).largestDifference(to: o), bound: bound, "o")
    let tensors = [(results[1], exact.dq, "dq"), (results[2], exact.dk, "dk"), (results[3], exact.dv, "dv")]
    for (own, theirs, name) in tensors {
      worst.add((read(own) + (-1) * theirs).largest, bound: bound * max(scale, theirs.largest), name)
    }
    worst.add(Double(dTemperature), exact.dtemperature, bound: bound * scale, "dtemperature")
    let isWithinBounds = worst.isWithinBounds()
    #expect(isWithinBounds, "\(worst.place)")
  }

  @Test(arguments: [(8, 8, 48), (1, 1, 16), (2, 5, 19), (4, 3, 7), (8, 8, 384), (1, 6, 20)])
  func depthwiseConvolutionAgrees(height: Int, width: Int, channels: Int) {
    let (x, dy) = (
      data.values([1, channels, height, width], number: 10).rounded,
      data.values([1, channels, height, width], number: 11).rounded
    )
    let (w, b) = (data.values([channels, 1, 3, 3], number: 12).rounded, data.values([channels], number: 13).rounded)
    let (tx, tdy, tw, tb) = (Tensor(pictures: x), Tensor(pictures: dy), Tensor(filters: w), Tensor(rows: b))
    let (y, dx) = (Guarded(tx.shape), Guarded(tx.shape))
    let (dw, db) = (Guarded(Shape(n: 3, h: 3, w: 1, c: channels)), Guarded(Shape(n: 1, c: channels)))
    for guarded in [dw, db] { guarded.tensor.pointer.update(repeating: 0, count: guarded.tensor.count) }
    DepthwiseConvolution.forward(
      tx.pointer, filters: tw.pointer, bias: tb.pointer, into: y.tensor.pointer, height: height, width: width,
      channels: channels)
    DepthwiseConvolution.inputGradient(
      tdy.pointer, filters: tw.pointer, into: dx.tensor.pointer, height: height, width: width, channels: channels)
    DepthwiseConvolution.addWeightGradients(
      tdy.pointer, x: tx.pointer, filters: dw.tensor.pointer, bias: db.tensor.pointer, height: height, width: width,
      channels: channels)
    let areIntact = [y, dx, dw, db].allSatisfy(\.isIntact)
    #expect(areIntact)
    let (exact, size) = (
      depthwiseConvolution(x, w, b), depthwiseConvolution(x.magnitudes, w.magnitudes, b.magnitudes)
    )
    let gradient = depthwiseConvolutionBackward(dy, x: x, w: w)
    let sizes = depthwiseConvolutionBackward(dy.magnitudes, x: x.magnitudes, w: w.magnitudes)
    var worst = WorstRatio("depthwise convolution of \(height)x\(width)x\(channels)")
    func compare(_ own: OracleTensor, _ exact: OracleTensor, _ size: OracleTensor, _ terms: Int, _ name: String) {
      for i in exact.values.indices {
        worst.add(own.values[i], exact.values[i], bound: Double(terms + 2) * roundoff * size.values[i], "\(name) \(i)")
      }
    }
    compare(OracleTensor(pictures: y.tensor), exact, size, 10, "y")
    compare(OracleTensor(pictures: dx.tensor), gradient.dx, sizes.dx, 9, "dx")
    compare(
      OracleTensor(shape: w.shape, values: OracleTensor(filters: dw.tensor).values), gradient.dw, sizes.dw,
      height * width, "dw")
    compare(
      OracleTensor(shape: b.shape, values: db.tensor.elements.map(Double.init)), gradient.db, sizes.db, height * width,
      "db")
    let isWithinBounds = worst.isWithinBounds()
    #expect(isWithinBounds, "\(worst.place)")
  }
}
