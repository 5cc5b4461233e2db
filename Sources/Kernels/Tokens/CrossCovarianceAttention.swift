// Attention between the channels of a head, for the tokens of one image, and its gradients:
//
//   A = softmax_j(τ·G),   G_ij = Σ_t q_ti·k_tj,   o_ti = Σ_j A_ij·v_tj
//   dA_ij = Σ_t do_ti·v_tj,   dv_tj = Σ_i A_ij·do_ti,   dS = softmax's gradient of dA
//   dτ = Σ_ij dS_ij·G_ij,   dq_ti = τ·Σ_j dS_ij·k_tj,   dk_tj = τ·Σ_i dS_ij·q_ti
//
// (El-Nouby et al.: XCiT: Cross-covariance image transformers. NeurIPS 2021.) q and k are of length 1 along the tokens
// (TokenNorm). Every sum over tokens, and every one over channels, is one chain in order, by register tiles.

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
  ///
  /// - Parameters:
  ///   - workspace: memory for a matrix between channels.
  ///   - outputStride: Floats from one token of o to the next.
  package func forward(
    _ q: UnsafePointer<Float>, _ k: UnsafePointer<Float>, _ v: UnsafePointer<Float>, temperature: Float,
    products g: UnsafeMutablePointer<Float>, attention a: UnsafeMutablePointer<Float>,
    workspace: UnsafeMutablePointer<Float>, into o: UnsafeMutablePointer<Float>, outputStride: Int
  ) {
    outer(q, stride, k, stride, into: g)
    for i in 0..<channels {
      let row = a + i * channels
      for j in 0..<channels { row[j] = temperature * g[i * channels + j] }
      Softmax.forward(row, count: channels)
    }
    transpose(a, into: workspace)
    multiply(v, stride, workspace, factor: 1, into: o, outputStride)
  }

  /// dq, dk, dv, laid out as q, k and v are, and dτ.
  ///
  /// - Parameters:
  ///   - g, a: what `forward` left.
  ///   - workspace: memory for two matrices between channels.
  ///   - outputStride: Floats from one token of dO to the next.
  /// - Returns: dτ.
  package func backward(
    _ dO: UnsafePointer<Float>, _ q: UnsafePointer<Float>, _ k: UnsafePointer<Float>, _ v: UnsafePointer<Float>,
    temperature: Float, products g: UnsafePointer<Float>, attention a: UnsafePointer<Float>,
    workspace: UnsafeMutablePointer<Float>, dq: UnsafeMutablePointer<Float>, dk: UnsafeMutablePointer<Float>,
    dv: UnsafeMutablePointer<Float>, outputStride: Int
  ) -> Float {
    let (gradient, transposed) = (workspace, workspace + matrixCount)
    multiply(dO, outputStride, a, factor: 1, into: dv, stride)
    outer(dO, outputStride, v, stride, into: gradient)
    var dTemperature: Float = 0
    for i in 0..<channels {
      Softmax.backward(gradient + i * channels, a + i * channels, count: channels)
      for j in i * channels..<(i + 1) * channels { dTemperature = dTemperature.plus(gradient[j], times: g[j]) }
    }
    transpose(gradient, into: transposed)
    multiply(k, stride, transposed, factor: temperature, into: dq, stride)
    multiply(q, stride, gradient, factor: temperature, into: dk, stride)
    return dTemperature
  }

  private func transpose(_ m: UnsafePointer<Float>, into t: UnsafeMutablePointer<Float>) {
    for i in 0..<channels {
      for j in 0..<channels { t[j * channels + i] = m[i * channels + j] }
    }
  }

  /// m_ij = Σ_t x_ti·y_tj.
  private func outer(
    _ x: UnsafePointer<Float>, _ xStride: Int, _ y: UnsafePointer<Float>, _ yStride: Int,
    into m: UnsafeMutablePointer<Float>
  ) {
    let d = channels
    for i in Swift.stride(from: 0, to: d, by: tileRows) {
      let rows = min(tileRows, d - i)
      var j = 0
      while j + lanes <= d {
        let hasTwo = j + 2 * lanes <= d
        if hasTwo && rows == tileRows {
          var sums = Rows(repeating: (left: Vector.zero, right: Vector.zero))
          for t in 0..<tokens {
            let (a, b) = (x + (t * xStride + i), y + (t * yStride + j))
            let (y0, y1) = (load(b), load(b + lanes))
            sums.update { sum, r in
              let value = Vector(repeating: a[r])
              sum.left = sum.left.plus(value, times: y0)
              sum.right = sum.right.plus(value, times: y1)
            }
          }
          sums.forEach { r, sum in
            store(sum.left, m + ((i + r) * d + j))
            store(sum.right, m + ((i + r) * d + j + lanes))
          }
          j += 2 * lanes
        } else {
          var sums = Rows(repeating: Vector.zero)
          for t in 0..<tokens {
            let a = x + (t * xStride + i)
            let y0 = load(y + (t * yStride + j))
            sums.update { sum, r in sum = sum.plus(Vector(repeating: a[min(r, rows - 1)]), times: y0) }
          }
          sums.forEach { r, sum in if r < rows { store(sum, m + ((i + r) * d + j)) } }
          j += lanes
        }
      }
      for r in i..<i + rows {
        for c in j..<d {
          var sum: Float = 0
          for t in 0..<tokens { sum = sum.plus(x[t * xStride + r], times: y[t * yStride + c]) }
          m[r * d + c] = sum
        }
      }
    }
  }

  /// y_tj = factor·Σ_k x_tk·m_kj.
  private func multiply(
    _ x: UnsafePointer<Float>, _ xStride: Int, _ m: UnsafePointer<Float>, factor: Float,
    into y: UnsafeMutablePointer<Float>, _ yStride: Int
  ) {
    let d = channels
    let f = Vector(repeating: factor)
    for t in Swift.stride(from: 0, to: tokens, by: tileRows) {
      let rows = min(tileRows, tokens - t)
      let values = Rows(each: { r in x + (t + min(r, rows - 1)) * xStride })
      var j = 0
      while j + 2 * lanes <= d {
        var sums = Rows(repeating: (left: Vector.zero, right: Vector.zero))
        for k in 0..<d {
          let (m0, m1) = (load(m + (k * d + j)), load(m + (k * d + j + lanes)))
          sums.update(with: values) { sum, value in
            let v = Vector(repeating: value[k])
            sum.left = sum.left.plus(v, times: m0)
            sum.right = sum.right.plus(v, times: m1)
          }
        }
        sums.forEach { r, sum in
          if r >= rows { return }
          store(f * sum.left, y + ((t + r) * yStride + j))
          store(f * sum.right, y + ((t + r) * yStride + j + lanes))
        }
        j += 2 * lanes
      }
      while j + lanes <= d {
        var sums = Rows(repeating: Vector.zero)
        for k in 0..<d {
          let m0 = load(m + (k * d + j))
          sums.update(with: values) { sum, value in sum = sum.plus(Vector(repeating: value[k]), times: m0) }
        }
        sums.forEach { r, sum in if r < rows { store(f * sum, y + ((t + r) * yStride + j)) } }
        j += lanes
      }
      for r in t..<t + rows {
        for c in j..<d {
          var sum: Float = 0
          for k in 0..<d { sum = sum.plus(x[r * xStride + k], times: m[k * d + c]) }
          y[r * yStride + c] = factor * sum
        }
      }
    }
  }
}
