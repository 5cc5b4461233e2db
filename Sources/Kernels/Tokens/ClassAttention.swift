// Attention of one query to the tokens of an image, for one head, and its gradients:
//
//   a = softmax_t(f·q·k_t),   o = Σ_t a_t·v_t
//   da_t = do·v_t,   ds = softmax's gradient of da,   dq = f·Σ_t ds_t·k_t,   dk_t = f·ds_t·q,   dv_t = a_t·do
//
// (Touvron et al.: Going deeper with image transformers. ICCV 2021.) Sums over channels run by lanes and then over the lanes
// in order, those over tokens in order.

/// One head of d channels over T tokens; matrices of tokens have `stride` Floats from one token to the next.
package struct ClassAttention: Sendable {
  package let tokens: Int, channels: Int, stride: Int
  /// f.
  private let factor: Float

  /// - Note: f is 1/√d.
  package init(tokens: Int, channels: Int, stride: Int) {
    self.tokens = tokens
    self.channels = channels
    self.stride = stride
    factor = 1 / Float(channels).squareRoot()
  }

  /// a, T Floats, and o.
  package func forward(
    _ q: UnsafePointer<Float>, _ k: UnsafePointer<Float>, _ v: UnsafePointer<Float>,
    attention a: UnsafeMutablePointer<Float>, into o: UnsafeMutablePointer<Float>
  ) {
    for t in 0..<tokens { a[t] = factor * product(q, k + t * stride) }
    Softmax.forward(a, count: tokens)
    o.update(repeating: 0, count: channels)
    for t in 0..<tokens { add(v + t * stride, times: a[t], to: o) }
  }

  /// dq, and dk and dv of all tokens.
  ///
  /// - Parameter gradient: memory of T Floats.
  package func backward(
    _ dO: UnsafePointer<Float>, _ q: UnsafePointer<Float>, _ k: UnsafePointer<Float>, _ v: UnsafePointer<Float>,
    attention a: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>, dq: UnsafeMutablePointer<Float>,
    dk: UnsafeMutablePointer<Float>, dv: UnsafeMutablePointer<Float>
  ) {
    for t in 0..<tokens { gradient[t] = product(dO, v + t * stride) }
    Softmax.backward(gradient, a, count: tokens)
    dq.update(repeating: 0, count: channels)
    for t in 0..<tokens {
      let s = factor * gradient[t]
      add(k + t * stride, times: s, to: dq)
      for c in 0..<channels {
        dk[t * stride + c] = s * q[c]
        dv[t * stride + c] = a[t] * dO[c]
      }
    }
  }

  @inline(__always)
  private func product(_ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>) -> Float {
    let whole = channels / lanes * lanes
    var sums = Vector.zero
    for c in Swift.stride(from: 0, to: whole, by: lanes) { sums = sums.plus(load(x + c), times: load(y + c)) }
    var total: Float = 0
    for lane in 0..<lanes { total += sums[lane] }
    for c in whole..<channels { total = total.plus(x[c], times: y[c]) }
    return total
  }

  @inline(__always)
  private func add(_ x: UnsafePointer<Float>, times factor: Float, to sum: UnsafeMutablePointer<Float>) {
    let whole = channels / lanes * lanes
    for c in Swift.stride(from: 0, to: whole, by: lanes) {
      store(load(sum + c).plus(load(x + c), times: Vector(repeating: factor)), sum + c)
    }
    for c in whole..<channels { sum[c] = sum[c].plus(factor, times: x[c]) }
  }
}
