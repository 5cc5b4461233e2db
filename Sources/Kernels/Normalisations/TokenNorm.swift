// Every channel of an image's tokens over its length along the tokens, as cross-covariance attention has queries and keys,
// and its gradient:
//
//   y = x/n,   n = max(√Σ_t x², 1e-12);   dx = (dy − y·Σ_t dy·y)/n
//
// (El-Nouby et al.: XCiT: Cross-covariance image transformers. NeurIPS 2021.) Where n is the least length, y is proportional to
// x and dx = dy/n. Sums run over the tokens in order, each channel by itself.

package enum TokenNorm {
  private static let least: Float = 1e-12

  /// y of tokens (T, C) with `stride` Floats from one token to the next, and 1/n of each channel; y may be x.
  package static func forward(
    _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, inverses: UnsafeMutablePointer<Float>, tokens: Int,
    channels: Int, stride: Int
  ) {
    sumProducts(x, x, into: inverses, tokens, channels, stride)
    for c in 0..<channels { inverses[c] = 1 / max(inverses[c].squareRoot(), least) }
    for t in 0..<tokens {
      let (x, y) = (x + t * stride, y + t * stride)
      Elementwise.forEachVector(channels) {
        store(load(x + $0) * load(inverses + $0), y + $0)
      } rest: {
        y[$0] = x[$0] * inverses[$0]
      }
    }
  }

  /// dx of tokens (T, C); dx may be dy.
  ///
  /// - Parameter products: memory of C Floats.
  package static func inputGradient(
    _ dy: UnsafePointer<Float>, y: UnsafePointer<Float>, inverses: UnsafePointer<Float>,
    products: UnsafeMutablePointer<Float>, into dx: UnsafeMutablePointer<Float>, tokens: Int, channels: Int, stride: Int
  ) {
    sumProducts(dy, y, into: products, tokens, channels, stride)
    // A channel that the least length divides has no part of its own length in it.
    for c in 0..<channels where inverses[c] >= 1 / least { products[c] = 0 }
    for t in 0..<tokens {
      let (dy, y, dx) = (dy + t * stride, y + t * stride, dx + t * stride)
      Elementwise.forEachVector(channels) {
        store((load(dy + $0) - load(y + $0) * load(products + $0)) * load(inverses + $0), dx + $0)
      } rest: {
        dx[$0] = (dy[$0] - y[$0] * products[$0]) * inverses[$0]
      }
    }
  }

  /// Σ_t a·b of each channel.
  @inline(__always)
  private static func sumProducts(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, into sums: UnsafeMutablePointer<Float>, _ tokens: Int,
    _ channels: Int, _ stride: Int
  ) {
    sums.update(repeating: 0, count: channels)
    for t in 0..<tokens {
      let (a, b) = (a + t * stride, b + t * stride)
      Elementwise.forEachVector(channels) {
        store(load(sums + $0).plus(load(a + $0), times: load(b + $0)), sums + $0)
      } rest: {
        sums[$0] = sums[$0].plus(a[$0], times: b[$0])
      }
    }
  }
}
