// Attention between the channels of a head, for the tokens of one image, and its gradients:
//
//   A = softmax_j(τ·G),   G_ij = Σ_t q_ti·k_tj,   o_ti = Σ_j A_ij·v_tj
//   dA_ij = Σ_t do_ti·v_tj,   dv_tj = Σ_i A_ij·do_ti,   dS = softmax's gradient of dA
//   dτ = Σ_ij dS_ij·G_ij,   dq_ti = τ·Σ_j dS_ij·k_tj,   dk_tj = τ·Σ_i dS_ij·q_ti
//
// (El-Nouby et al.: XCiT: Cross-covariance image transformers. NeurIPS 2021.) q and k are of length 1 along the tokens
// (TokenNorm). Every sum over tokens, and every one over channels, runs in order.

/// One head of d channels over T tokens; matrices of tokens have `stride` Floats from one token to the next.
package struct CrossCovarianceAttention: Sendable {
  package let tokens: Int, channels: Int, stride: Int

  package init(tokens: Int, channels: Int, stride: Int) {
    self.tokens = tokens
    self.channels = channels
    self.stride = stride
  }

  /// Floats of a matrix between channels.
  package var matrixCount: Int { channels * channels }

  /// G and A, (d, d) each, and o.
  package func forward(
    _ q: UnsafePointer<Float>, _ k: UnsafePointer<Float>, _ v: UnsafePointer<Float>, temperature: Float,
    products g: UnsafeMutablePointer<Float>, attention a: UnsafeMutablePointer<Float>,
    into o: UnsafeMutablePointer<Float>
  ) {
    outer(q, k, into: g)
    for i in 0..<channels {
      let row = a + i * channels
      for j in 0..<channels { row[j] = temperature * g[i * channels + j] }
      Softmax.forward(row, count: channels)
    }
    inner(a, v, factor: 1, into: o)
  }

  /// dq, dk, dv, each as long as its matrix of tokens, and dτ.
  ///
  /// - Parameters:
  ///   - g, a: what `forward` left.
  ///   - gradient: memory for a matrix between channels.
  /// - Returns: dτ.
  package func backward(
    _ dO: UnsafePointer<Float>, _ q: UnsafePointer<Float>, _ k: UnsafePointer<Float>, _ v: UnsafePointer<Float>,
    temperature: Float, products g: UnsafePointer<Float>, attention a: UnsafePointer<Float>,
    gradient: UnsafeMutablePointer<Float>, dq: UnsafeMutablePointer<Float>, dk: UnsafeMutablePointer<Float>,
    dv: UnsafeMutablePointer<Float>
  ) -> Float {
    transposed(a, dO, factor: 1, into: dv)
    outer(dO, v, into: gradient)
    var dTemperature: Float = 0
    for i in 0..<channels {
      Softmax.backward(gradient + i * channels, a + i * channels, count: channels)
      for j in i * channels..<(i + 1) * channels { dTemperature = dTemperature.plus(gradient[j], times: g[j]) }
    }
    inner(gradient, k, factor: temperature, into: dq)
    transposed(gradient, q, factor: temperature, into: dk)
    return dTemperature
  }

  /// m_ij = Σ_t x_ti·y_tj.
  private func outer(_ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, into m: UnsafeMutablePointer<Float>) {
    m.update(repeating: 0, count: matrixCount)
    for t in 0..<tokens {
      let (x, y) = (x + t * stride, y + t * stride)
      for i in 0..<channels { add(y, times: x[i], to: m + i * channels) }
    }
  }

  /// y_ti = factor·Σ_j m_ij·x_tj.
  private func inner(
    _ m: UnsafePointer<Float>, _ x: UnsafePointer<Float>, factor: Float, into y: UnsafeMutablePointer<Float>
  ) {
    let whole = channels / lanes * lanes
    for t in 0..<tokens {
      let (x, y) = (x + t * stride, y + t * stride)
      for i in 0..<channels {
        let row = m + i * channels
        var sums = Vector.zero
        for j in Swift.stride(from: 0, to: whole, by: lanes) { sums = sums.plus(load(row + j), times: load(x + j)) }
        var total: Float = 0
        for lane in 0..<lanes { total += sums[lane] }
        for j in whole..<channels { total = total.plus(row[j], times: x[j]) }
        y[i] = factor * total
      }
    }
  }

  /// y_tj = factor·Σ_i m_ij·x_ti.
  private func transposed(
    _ m: UnsafePointer<Float>, _ x: UnsafePointer<Float>, factor: Float, into y: UnsafeMutablePointer<Float>
  ) {
    for t in 0..<tokens {
      let (x, y) = (x + t * stride, y + t * stride)
      y.update(repeating: 0, count: channels)
      for i in 0..<channels { add(m + i * channels, times: factor * x[i], to: y) }
    }
  }

  /// sum += factor·x, channel by channel.
  @inline(__always)
  private func add(_ x: UnsafePointer<Float>, times factor: Float, to sum: UnsafeMutablePointer<Float>) {
    let whole = channels / lanes * lanes
    for c in Swift.stride(from: 0, to: whole, by: lanes) {
      store(load(sum + c).plus(load(x + c), times: Vector(repeating: factor)), sum + c)
    }
    for c in whole..<channels { sum[c] = sum[c].plus(x[c], times: factor) }
  }
}
