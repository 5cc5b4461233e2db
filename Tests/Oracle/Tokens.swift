// Operators on tokens [T, C], and the convolution of every channel by itself, as XCiT has them (El-Nouby et al.: XCiT:
// Cross-covariance image transformers. NeurIPS 2021).

import Foundation

/// y = x·Φ(x), Φ(x) = erfc(−x/√2)/2 (Hendrycks, Gimpel, arXiv 1606.08415).
package func gelu(_ x: OracleTensor) -> OracleTensor { x.map { $0 * cumulativeNormal($0) } }

/// dx = dy·(Φ(x) + x·φ(x)).
package func geluBackward(_ dy: OracleTensor, x: OracleTensor) -> OracleTensor {
  var dx = dy
  for i in x.values.indices {
    let v = x.values[i]
    dx.values[i] *= cumulativeNormal(v) + v * exp(-v * v / 2) / (2 * Double.pi).squareRoot()
  }
  return dx
}

private func cumulativeNormal(_ x: Double) -> Double { erfc(-x / 2.0.squareRoot()) / 2 }

/// y = γ·(x − μ)/√(v + ε) + β, each token by its own mean and biased variance.
package func layerNorm(
  _ x: OracleTensor, gamma: OracleTensor, beta: OracleTensor, epsilon: Double
) -> OracleTensor {
  var y = x
  forEachToken(x, epsilon) { range, normalised, _ in
    for (c, i) in range.enumerated() { y.values[i] = gamma.values[c] * normalised[c] + beta.values[c] }
  }
  return y
}

/// The gradients through mean and variance too.
package func layerNormBackward(
  _ dy: OracleTensor, x: OracleTensor, gamma: OracleTensor, epsilon: Double
) -> (dx: OracleTensor, dgamma: OracleTensor, dbeta: OracleTensor) {
  var (dx, dgamma, dbeta) = (dy, OracleTensor(shape: gamma.shape), OracleTensor(shape: gamma.shape))
  forEachToken(x, epsilon) { range, normalised, deviation in
    let g = range.enumerated().map { gamma.values[$0.offset] * dy.values[$0.element] }
    let mean = g.reduce(0, +) / Double(g.count)
    let product = zip(g, normalised).reduce(0) { $0 + $1.0 * $1.1 } / Double(g.count)
    for (c, i) in range.enumerated() {
      dx.values[i] = (g[c] - mean - normalised[c] * product) / deviation
      dgamma.values[c] += dy.values[i] * normalised[c]
      dbeta.values[c] += dy.values[i]
    }
  }
  return (dx, dgamma, dbeta)
}

private func forEachToken(
  _ x: OracleTensor, _ epsilon: Double,
  _ body: (_ range: Range<Int>, _ normalised: [Double], _ deviation: Double) -> Void
) {
  let channels = x.shape[1]
  for t in 0..<x.shape[0] {
    let range = t * channels..<(t + 1) * channels
    let mean = x.values[range].reduce(0, +) / Double(channels)
    let variance = x.values[range].reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(channels)
    let deviation = (variance + epsilon).squareRoot()
    body(range, x.values[range].map { ($0 - mean) / deviation }, deviation)
  }
}

/// y = x/max(√Σ_t x², 1e-12) for each channel along the tokens.
package func tokenNorm(_ x: OracleTensor) -> OracleTensor {
  var y = x
  let lengths = tokenLengths(x)
  for i in x.values.indices { y.values[i] /= max(lengths[i % x.shape[1]], 1e-12) }
  return y
}

/// dx = (dy − y·Σ_t dy·y)/n; where the least length divides, dy over it.
package func tokenNormBackward(_ dy: OracleTensor, x: OracleTensor) -> OracleTensor {
  let (y, lengths, channels) = (tokenNorm(x), tokenLengths(x), x.shape[1])
  var products = [Double](repeating: 0, count: channels)
  for i in x.values.indices where lengths[i % channels] > 1e-12 { products[i % channels] += dy.values[i] * y.values[i] }
  var dx = dy
  for i in x.values.indices {
    dx.values[i] = (dy.values[i] - y.values[i] * products[i % channels]) / max(lengths[i % channels], 1e-12)
  }
  return dx
}

private func tokenLengths(_ x: OracleTensor) -> [Double] {
  var squares = [Double](repeating: 0, count: x.shape[1])
  for i in x.values.indices { squares[i % x.shape[1]] += x.values[i] * x.values[i] }
  return squares.map { $0.squareRoot() }
}

/// A 3x3 convolution of each channel of x [N, C, H, W] by its own filter of w [C, 1, 3, 3], padding 1, plus b [C].
package func depthwiseConvolution(_ x: OracleTensor, _ w: OracleTensor, _ b: OracleTensor) -> OracleTensor {
  var y = x
  forEachTap(x.shape) { n, c, h, v, kh, kw in
    if kh == 1 && kw == 1 { y[n, c, h, v] = b.values[c] }
  }
  forEachTap(x.shape) { n, c, h, v, kh, kw in y[n, c, h, v] += w[c, 0, kh, kw] * x[n, c, h + kh - 1, v + kw - 1] }
  return y
}

package func depthwiseConvolutionBackward(
  _ dy: OracleTensor, x: OracleTensor, w: OracleTensor
) -> (dx: OracleTensor, dw: OracleTensor, db: OracleTensor) {
  var (dx, dw) = (OracleTensor(shape: x.shape), OracleTensor(shape: w.shape))
  var db = OracleTensor(shape: [w.shape[0]])
  forEachTap(x.shape) { n, c, h, v, kh, kw in
    dx[n, c, h + kh - 1, v + kw - 1] += w[c, 0, kh, kw] * dy[n, c, h, v]
    dw[c, 0, kh, kw] += dy[n, c, h, v] * x[n, c, h + kh - 1, v + kw - 1]
    if kh == 1 && kw == 1 { db.values[c] += dy[n, c, h, v] }
  }
  return (dx, dw, db)
}

/// Every output pixel (n, c, h, v) and every tap that lies in the picture.
private func forEachTap(_ shape: [Int], _ body: (Int, Int, Int, Int, Int, Int) -> Void) {
  let (height, width) = (shape[2], shape[3])
  for n in 0..<shape[0] {
    for c in 0..<shape[1] {
      for h in 0..<height {
        for v in 0..<width {
          for kh in 0..<3 where 0..<height ~= h + kh - 1 {
            for kw in 0..<3 where 0..<width ~= v + kw - 1 { body(n, c, h, v, kh, kw) }
          }
        }
      }
    }
  }
}

/// Attention between channels (cross-covariance): o = A·v of one head, A = softmax_j(τ·Σ_t q_ti·k_tj), for tokens [T, d].
package func crossCovarianceAttention(
  _ q: OracleTensor, _ k: OracleTensor, _ v: OracleTensor, temperature: Double
) -> OracleTensor {
  let a = channelAttention(q, k, temperature).a
  var o = v
  for t in 0..<v.shape[0] {
    for i in a.indices { o[t, i] = a.indices.reduce(0) { $0 + a[i][$1] * v[t, $1] } }
  }
  return o
}

package func crossCovarianceAttentionBackward(
  _ dO: OracleTensor, q: OracleTensor, k: OracleTensor, v: OracleTensor, temperature: Double
) -> (dq: OracleTensor, dk: OracleTensor, dv: OracleTensor, dtemperature: Double) {
  let (tokens, channels) = (0..<q.shape[0], 0..<q.shape[1])
  let (g, a) = channelAttention(q, k, temperature)
  var (dq, dk, dv) = (OracleTensor(shape: q.shape), OracleTensor(shape: q.shape), OracleTensor(shape: q.shape))
  var dtemperature = 0.0
  for i in channels {
    let da = channels.map { j in tokens.reduce(0) { $0 + dO[$1, i] * v[$1, j] } }
    let mean = channels.reduce(0) { $0 + da[$1] * a[i][$1] }
    for j in channels {
      let ds = a[i][j] * (da[j] - mean)
      dtemperature += ds * g[i][j]
      for t in tokens {
        dq[t, i] += temperature * ds * k[t, j]
        dk[t, j] += temperature * ds * q[t, i]
        dv[t, j] += a[i][j] * dO[t, i]
      }
    }
  }
  return (dq, dk, dv, dtemperature)
}

private func channelAttention(
  _ q: OracleTensor, _ k: OracleTensor, _ temperature: Double
) -> (g: [[Double]], a: [[Double]]) {
  let (tokens, channels) = (0..<q.shape[0], 0..<q.shape[1])
  let g = channels.map { i in channels.map { j in tokens.reduce(0) { $0 + q[$1, i] * k[$1, j] } } }
  let a = g.map { row in
    let e = row.map { exp(temperature * ($0 - row.max()!)) }
    let sum = e.reduce(0, +)
    return e.map { $0 / sum }
  }
  return (g, a)
}
