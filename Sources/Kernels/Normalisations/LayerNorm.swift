// Layer normalisation of the tokens of an image, and its gradients:
//
//   y = γ·x̂ + β,   x̂ = (x − μ)·r,   r = 1/√(v + ε),   μ and v over the channels of a token
//   dx = r·(g − mean(g) − x̂·mean(g·x̂)),   g = γ·dy;   dγ = Σ dy·x̂,   dβ = Σ dy
//
// (Ba, Kiros, Hinton: Layer normalization. arXiv 1607.06450.) Sums over channels run in Float by lanes, which are added in
// order at the end; the variance is that of the differences from the mean.

package enum LayerNorm {
  /// y of tokens (T, C), and μ and r of each token; y may be x.
  package static func forward(
    _ x: UnsafePointer<Float>, scale gamma: UnsafePointer<Float>, shift beta: UnsafePointer<Float>, epsilon: Float,
    into y: UnsafeMutablePointer<Float>, means: UnsafeMutablePointer<Float>, inverses: UnsafeMutablePointer<Float>,
    tokens: Int, channels: Int
  ) {
    let whole = channels / lanes * lanes
    for t in 0..<tokens {
      let (x, y) = (x + t * channels, y + t * channels)
      let mean = sum(channels, { load(x + $0) }, { x[$0] }) / Float(channels)
      let squares = sum(channels) { c -> Vector in
        let d = load(x + c) - Vector(repeating: mean)
        return d * d
      } _: { c -> Float in
        let d = x[c] - mean
        return d * d
      }
      let inverse = 1 / (squares / Float(channels) + epsilon).squareRoot()
      (means[t], inverses[t]) = (mean, inverse)
      for c in stride(from: 0, to: whole, by: lanes) {
        let normalised = (load(x + c) - Vector(repeating: mean)) * Vector(repeating: inverse)
        store(load(beta + c).plus(load(gamma + c), times: normalised), y + c)
      }
      for c in whole..<channels { y[c] = beta[c].plus(gamma[c], times: (x[c] - mean) * inverse) }
    }
  }

  /// dx of tokens (T, C); dx may be dy.
  package static func inputGradient(
    _ dy: UnsafePointer<Float>, x: UnsafePointer<Float>, scale gamma: UnsafePointer<Float>,
    means: UnsafePointer<Float>, inverses: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>, tokens: Int,
    channels: Int
  ) {
    let whole = channels / lanes * lanes
    for t in 0..<tokens {
      let (dy, x, dx) = (dy + t * channels, x + t * channels, dx + t * channels)
      let (mean, inverse) = (means[t], inverses[t])
      func vectors(_ c: Int) -> (g: Vector, normalised: Vector) {
        (load(dy + c) * load(gamma + c), (load(x + c) - Vector(repeating: mean)) * Vector(repeating: inverse))
      }
      func scalars(_ c: Int) -> (g: Float, normalised: Float) { (dy[c] * gamma[c], (x[c] - mean) * inverse) }
      let gradient = sum(channels, { vectors($0).g }, { scalars($0).g }) / Float(channels)
      let product =
        sum(
          channels,
          {
            let v = vectors($0)
            return v.g * v.normalised
          },
          {
            let v = scalars($0)
            return v.g * v.normalised
          }) / Float(channels)
      for c in stride(from: 0, to: whole, by: lanes) {
        let v = vectors(c)
        let d = v.g - Vector(repeating: gradient) - v.normalised * Vector(repeating: product)
        store(d * Vector(repeating: inverse), dx + c)
      }
      for c in whole..<channels {
        let v = scalars(c)
        dx[c] = (v.g - gradient - v.normalised * product) * inverse
      }
    }
  }

  /// Adds dγ and dβ of tokens (T, C), token after token.
  package static func addWeightGradients(
    _ dy: UnsafePointer<Float>, x: UnsafePointer<Float>, means: UnsafePointer<Float>, inverses: UnsafePointer<Float>,
    scale dGamma: UnsafeMutablePointer<Float>, shift dBeta: UnsafeMutablePointer<Float>, tokens: Int, channels: Int
  ) {
    let whole = channels / lanes * lanes
    for t in 0..<tokens {
      let (dy, x) = (dy + t * channels, x + t * channels)
      let (mean, inverse) = (means[t], inverses[t])
      for c in stride(from: 0, to: whole, by: lanes) {
        let normalised = (load(x + c) - Vector(repeating: mean)) * Vector(repeating: inverse)
        store(load(dGamma + c).plus(load(dy + c), times: normalised), dGamma + c)
        store(load(dBeta + c) + load(dy + c), dBeta + c)
      }
      for c in whole..<channels {
        dGamma[c] = dGamma[c].plus(dy[c], times: (x[c] - mean) * inverse)
        dBeta[c] += dy[c]
      }
    }
  }

  /// Σ over the channels: lane by lane, then the lanes in order, then the rest.
  @inline(__always)
  private static func sum(_ channels: Int, _ vector: (Int) -> Vector, _ scalar: (Int) -> Float) -> Float {
    let whole = channels / lanes * lanes
    var sums = Vector.zero
    for c in stride(from: 0, to: whole, by: lanes) { sums += vector(c) }
    var total: Float = 0
    for lane in 0..<lanes { total += sums[lane] }
    for c in whole..<channels { total += scalar(c) }
    return total
  }
}
