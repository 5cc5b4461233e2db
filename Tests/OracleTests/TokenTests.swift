// The oracle's operators on tokens: gradients against central differences, everything against PyTorch float64.

import Oracle
import Testing

@Suite struct TokenTests {
  let data = OracleData(seed: 7)

  @Test func gradientsAreCentralDifferences() {
    var worst = Worst()
    let (x, r) = (data.values([4, 11], number: 1), data.values([4, 11], number: 2))
    let wide = 3 * x
    worst.compare(gradient: geluBackward(r, x: wide), at: wide, "gelu") { gelu($0).dot(r) }
    let (gamma, beta) = (data.values([11], number: 3), data.values([11], number: 4))
    let norm = layerNormBackward(r, x: x, gamma: gamma, epsilon: 1e-2)
    worst.compare(gradient: norm.dx, at: x, "layer norm dx") {
      layerNorm($0, gamma: gamma, beta: beta, epsilon: 1e-2).dot(r)
    }
    worst.compare(gradient: norm.dgamma, at: gamma, "layer norm dgamma") {
      layerNorm(x, gamma: $0, beta: beta, epsilon: 1e-2).dot(r)
    }
    worst.compare(gradient: norm.dbeta, at: beta, "layer norm dbeta") {
      layerNorm(x, gamma: gamma, beta: $0, epsilon: 1e-2).dot(r)
    }
    worst.compare(gradient: tokenNormBackward(r, x: x), at: x, "token norm") { tokenNorm($0).dot(r) }
    let (picture, dy) = (data.values([2, 3, 4, 5], number: 5), data.values([2, 3, 4, 5], number: 6))
    let (w, b) = (data.values([3, 1, 3, 3], number: 7), data.values([3], number: 8))
    let depthwise = depthwiseConvolutionBackward(dy, x: picture, w: w)
    worst.compare(gradient: depthwise.dx, at: picture, "depthwise dx") { depthwiseConvolution($0, w, b).dot(dy) }
    worst.compare(gradient: depthwise.dw, at: w, "depthwise dw") { depthwiseConvolution(picture, $0, b).dot(dy) }
    worst.compare(gradient: depthwise.db, at: b, "depthwise db") { depthwiseConvolution(picture, w, $0).dot(dy) }
    let (q, k, v) = (
      data.values([5, 4], number: 9), data.values([5, 4], number: 10), data.values([5, 4], number: 11)
    )
    let dO = data.values([5, 4], number: 12)
    let attention = crossCovarianceAttentionBackward(dO, q: q, k: k, v: v, temperature: 1.5)
    worst.compare(gradient: attention.dq, at: q, "attention dq") {
      crossCovarianceAttention($0, k, v, temperature: 1.5).dot(dO)
    }
    worst.compare(gradient: attention.dk, at: k, "attention dk") {
      crossCovarianceAttention(q, $0, v, temperature: 1.5).dot(dO)
    }
    worst.compare(gradient: attention.dv, at: v, "attention dv") {
      crossCovarianceAttention(q, k, $0, temperature: 1.5).dot(dO)
    }
    let temperature = OracleTensor(shape: [1], values: [1.5])
    worst.compare(
      gradient: OracleTensor(shape: [1], values: [attention.dtemperature]), at: temperature, "attention dtemperature"
    ) { crossCovarianceAttention(q, k, v, temperature: $0.values[0]).dot(dO) }
    worst.expect(below: 1e-8, "operators on tokens, central differences")
  }

  @Test func agreesWithPyTorch() throws {
    let golden = try golden("tokens", as: GoldenTokens.self)
    let data = OracleData(seed: golden.seed)
    var worst = Worst()
    func compare(_ name: String, _ tensors: [String: OracleTensor]) {
      worst.compare(tensors, golden.operators[name]!, data, name)
    }
    var x = 6 * data.values([7, 13], number: 200)
    compare("gelu", ["y": gelu(x), "dx": geluBackward(data.values(x.shape, number: 201), x: x)])
    x = data.values([5, 19], number: 202)
    let (gamma, beta) = (data.values([19], number: 203), data.values([19], number: 204))
    let norm = layerNormBackward(data.values(x.shape, number: 205), x: x, gamma: gamma, epsilon: 1e-6)
    compare(
      "layerNorm",
      [
        "y": layerNorm(x, gamma: gamma, beta: beta, epsilon: 1e-6), "dx": norm.dx, "dgamma": norm.dgamma,
        "dbeta": norm.dbeta,
      ])
    x = data.values([9, 17], number: 206)
    compare("tokenNorm", ["y": tokenNorm(x), "dx": tokenNormBackward(data.values(x.shape, number: 207), x: x)])
    x = data.values([2, 6, 5, 4], number: 208)
    let (w, b) = (data.values([6, 1, 3, 3], number: 209), data.values([6], number: 210))
    let depthwise = depthwiseConvolutionBackward(data.values(x.shape, number: 211), x: x, w: w)
    compare(
      "depthwise",
      ["y": depthwiseConvolution(x, w, b), "dx": depthwise.dx, "dw": depthwise.dw, "db": depthwise.db])
    let (q, k, v) = (
      data.values([9, 6], number: 212), data.values([9, 6], number: 213), data.values([9, 6], number: 214)
    )
    let temperature = data.values([1], number: 215).values[0]
    let attention = crossCovarianceAttentionBackward(
      data.values([9, 6], number: 216), q: q, k: k, v: v, temperature: temperature)
    compare(
      "attention",
      [
        "y": crossCovarianceAttention(q, k, v, temperature: temperature), "dq": attention.dq, "dk": attention.dk,
        "dv": attention.dv, "dtau": OracleTensor(shape: [1], values: [attention.dtemperature]),
      ])
    worst.expect(below: 1e-12, "operators on tokens, PyTorch")
  }
}
