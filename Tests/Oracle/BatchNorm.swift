// Batch norm over N, H, W of each channel:  y = gamma · xhat + beta,  xhat = (x − mean) / sqrt(variance + epsilon).
// Ioffe, Szegedy: Batch normalization. ICML 2015. PyTorch's epsilon, 1e-5.

package let batchNormEpsilon = 1e-5

/// y and the statistics of the batch x [N, C, H, W] itself, with which it was normalised (biased variance).
package func batchNorm(
  _ x: OracleTensor, gamma: OracleTensor, beta: OracleTensor
) -> (y: OracleTensor, statistics: ChannelStatistics) {
  let statistics = ChannelStatistics(of: x)
  return (batchNorm(x, gamma: gamma, beta: beta, statistics: statistics), statistics)
}

/// y for given statistics.
package func batchNorm(
  _ x: OracleTensor, gamma: OracleTensor, beta: OracleTensor, statistics: ChannelStatistics
) -> OracleTensor {
  var y = x
  forEachElement(x.shape) { n, c, h, w in
    let deviation = (statistics.variance[c] + batchNormEpsilon).squareRoot()
    y[n, c, h, w] = gamma.values[c] * (x[n, c, h, w] - statistics.mean[c]) / deviation + beta.values[c]
  }
  return y
}

/// The gradients of a batch norm with the statistics of the batch, through these statistics as well:
///
///   dgamma = sum dy·xhat,  dbeta = sum dy,  dx = gamma / sqrt(variance + epsilon) · (dy − dbeta / M − xhat · dgamma / M).
package func batchNormBackward(
  _ dy: OracleTensor, x: OracleTensor, gamma: OracleTensor
) -> (dx: OracleTensor, dgamma: OracleTensor, dbeta: OracleTensor) {
  let statistics = ChannelStatistics(of: x)
  var (dx, dgamma, dbeta) = batchNormBackward(dy, x: x, gamma: gamma, statistics: statistics)
  let m = Double(x.count / x.shape[1])
  forEachElement(x.shape) { n, c, h, w in
    let deviation = (statistics.variance[c] + batchNormEpsilon).squareRoot()
    let normalized = (x[n, c, h, w] - statistics.mean[c]) / deviation
    dx[n, c, h, w] -= gamma.values[c] / deviation * (dbeta.values[c] / m + normalized * dgamma.values[c] / m)
  }
  return (dx, dgamma, dbeta)
}

/// The gradients of a batch norm with given statistics, which are constants: dx = gamma / sqrt(variance + epsilon) · dy.
package func batchNormBackward(
  _ dy: OracleTensor, x: OracleTensor, gamma: OracleTensor, statistics: ChannelStatistics
) -> (dx: OracleTensor, dgamma: OracleTensor, dbeta: OracleTensor) {
  var dx = dy
  var dgamma = OracleTensor(shape: gamma.shape)
  var dbeta = OracleTensor(shape: gamma.shape)
  forEachElement(x.shape) { n, c, h, w in
    let deviation = (statistics.variance[c] + batchNormEpsilon).squareRoot()
    dgamma.values[c] += dy[n, c, h, w] * (x[n, c, h, w] - statistics.mean[c]) / deviation
    dbeta.values[c] += dy[n, c, h, w]
    dx[n, c, h, w] = gamma.values[c] / deviation * dy[n, c, h, w]
  }
  return (dx, dgamma, dbeta)
}

@inline(__always)
private func forEachElement(_ shape: [Int], _ body: (Int, Int, Int, Int) -> Void) {
  for n in 0..<shape[0] {
    for c in 0..<shape[1] { for h in 0..<shape[2] { for w in 0..<shape[3] { body(n, c, h, w) } } }
  }
}
