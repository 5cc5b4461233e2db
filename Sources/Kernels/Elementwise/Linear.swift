// The linear layer  y = W·x + b  of one example; W (K, C) row by row as PyTorch has it.

package enum Linear {
  /// y[k] = b[k] + Σ_c W[k, c]·x[c].
  package static func forward(
    _ x: UnsafePointer<Float>, weight: UnsafePointer<Float>, bias: UnsafePointer<Float>,
    into y: UnsafeMutablePointer<Float>, classes: Int, channels: Int
  ) {
    for k in 0..<classes {
      let row = weight + k * channels
      var sum = Vector.zero
      var c = 0
      while c + lanes <= channels {
        sum = sum.plus(load(row + c), times: load(x + c))
        c += lanes
      }
      var total = sum.sum()
      while c < channels {
        total += row[c] * x[c]
        c += 1
      }
      y[k] = total + bias[k]
    }
  }

  /// dx[c] = Σ_k W[k, c]·dy[k].
  package static func inputGradient(
    _ dy: UnsafePointer<Float>, weight: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>, classes: Int,
    channels: Int
  ) {
    for c in 0..<channels { dx[c] = 0 }
    for k in 0..<classes {
      let row = weight + k * channels
      let d = dy[k]
      for c in 0..<channels { dx[c] += d * row[c] }
    }
  }

  /// dW[k, c] += dy[k]·x[c].
  package static func addWeightGradient(
    _ dy: UnsafePointer<Float>, x: UnsafePointer<Float>, into dw: UnsafeMutablePointer<Float>, classes: Int,
    channels: Int
  ) {
    for k in 0..<classes {
      let d = dy[k]
      let row = dw + k * channels
      for c in 0..<channels { row[c] += d * x[c] }
    }
  }
}
