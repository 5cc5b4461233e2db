// A 3x3 convolution of every channel by itself, with bias, stride 1 and padding 1, and its gradients:
//
//   y[p] = b + Σ_k w[k]·x[p + k],   dx[p] = Σ_k w[k]·dy[p − k],   dw[k] = Σ_p dy[p]·x[p + k],   db = Σ_p dy[p]
//
// Filters are (kh, kw, C). An image is read where it lies: a tap beyond the border is left out.

package enum DepthwiseConvolution {
  /// y of one image (H, W, C).
  package static func forward(
    _ x: UnsafePointer<Float>, filters w: UnsafePointer<Float>, bias: UnsafePointer<Float>,
    into y: UnsafeMutablePointer<Float>, height: Int, width: Int, channels: Int
  ) {
    for p in 0..<height * width { (y + p * channels).update(from: bias, count: channels) }
    forEachTap(height, width) { p, from, tap in
      add(w + tap * channels, x + from * channels, to: y + p * channels, channels)
    }
  }

  /// dx of one image (H, W, C).
  package static func inputGradient(
    _ dy: UnsafePointer<Float>, filters w: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>, height: Int,
    width: Int, channels: Int
  ) {
    dx.update(repeating: 0, count: height * width * channels)
    // Seen from the input: the pixel on the other side of the centre, by the tap that reached here from it.
    forEachTap(height, width) { p, from, tap in
      add(w + (8 - tap) * channels, dy + from * channels, to: dx + p * channels, channels)
    }
  }

  /// Adds dw and db of one image.
  package static func addWeightGradients(
    _ dy: UnsafePointer<Float>, x: UnsafePointer<Float>, filters dw: UnsafeMutablePointer<Float>,
    bias db: UnsafeMutablePointer<Float>, height: Int, width: Int, channels: Int
  ) {
    forEachTap(height, width) { p, from, tap in
      add(dy + p * channels, x + from * channels, to: dw + tap * channels, channels)
    }
    for p in 0..<height * width { Elementwise.add(db, dy + p * channels, count: channels) }
  }

  /// Every pixel and every tap that reads a pixel of the image, which is `from`.
  @inline(__always)
  private static func forEachTap(_ height: Int, _ width: Int, _ body: (_ p: Int, _ from: Int, _ tap: Int) -> Void) {
    for row in 0..<height {
      for column in 0..<width {
        for kh in max(0, 1 - row)..<min(3, height + 1 - row) {
          for kw in max(0, 1 - column)..<min(3, width + 1 - column) {
            body(row * width + column, (row + kh - 1) * width + column + kw - 1, 3 * kh + kw)
          }
        }
      }
    }
  }

  /// sum += a·b, channel by channel.
  @inline(__always)
  private static func add(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, to sum: UnsafeMutablePointer<Float>, _ channels: Int
  ) {
    let whole = channels / lanes * lanes
    for c in stride(from: 0, to: whole, by: lanes) {
      store(load(sum + c).plus(load(a + c), times: load(b + c)), sum + c)
    }
    for c in whole..<channels { sum[c] = sum[c].plus(a[c], times: b[c]) }
  }
}
