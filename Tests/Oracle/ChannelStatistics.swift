// Mean and variance of each channel over pictures and pixels, and how batch norm's running averages follow them.

/// The statistics a batch norm normalises with, one entry a channel.
package struct ChannelStatistics: Sendable, Equatable {
  package var mean: [Double]
  /// The biased variance of a batch, or a running variance.
  package var variance: [Double]

  package init(mean: [Double], variance: [Double]) {
    self.mean = mean
    self.variance = variance
  }

  /// mean = sum x / M and variance = sum (x − mean)² / M over the M = N·H·W values of each channel of x [N, C, H, W].
  package init(of x: OracleTensor) {
    let (n, channels, height, width) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
    let m = Double(n * height * width)
    mean = Array(repeating: 0, count: channels)
    variance = Array(repeating: 0, count: channels)
    for c in 0..<channels {
      for n in 0..<n { for h in 0..<height { for w in 0..<width { mean[c] += x[n, c, h, w] / m } } }
      for n in 0..<n {
        for h in 0..<height {
          for w in 0..<width { variance[c] += (x[n, c, h, w] - mean[c]) * (x[n, c, h, w] - mean[c]) / m }
        }
      }
    }
  }

  /// The running statistics after a batch of M values a channel with biased statistics `batch`, as PyTorch keeps them:
  /// running = 0.9·running + 0.1·batch, where the variance enters unbiased (times M / (M − 1)).
  package func updated(with batch: ChannelStatistics, count m: Int, momentum: Double = 0.1) -> ChannelStatistics {
    var result = self
    for c in mean.indices {
      let unbiased = batch.variance[c] * Double(m) / Double(m - 1)
      result.mean[c] = (1 - momentum) * mean[c] + momentum * batch.mean[c]
      result.variance[c] = (1 - momentum) * variance[c] + momentum * unbiased
    }
    return result
  }
}
