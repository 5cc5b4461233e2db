// Global average pooling, alone or behind a normalisation and a ReLU, and its gradient.

package enum Pooling {
  /// pooled[c] = 1/P · Σ_p max(0, s_c·x[p, c] + t_c) for one image (P, C).
  package static func affineReLUAverage(
    _ x: UnsafePointer<Float>, _ affine: ChannelAffine, into pooled: UnsafeMutablePointer<Float>, pixels: Int,
    channels: Int
  ) {
    let transform = AffineReLUTransform(affine: AffineTransform(affine: affine))
    for c in 0..<channels { pooled[c] = 0 }
    for p in 0..<pixels {
      for c in 0..<channels { pooled[c] += transform.scalar(x[p * channels + c], channel: c) }
    }
    for c in 0..<channels { pooled[c] /= Float(pixels) }
  }

  /// pooled[c] = 1/P · Σ_p x[p, c] for one image (P, C).
  package static func average(
    _ x: UnsafePointer<Float>, into pooled: UnsafeMutablePointer<Float>, pixels: Int, channels: Int
  ) {
    for c in 0..<channels { pooled[c] = 0 }
    for p in 0..<pixels {
      for c in 0..<channels { pooled[c] += x[p * channels + c] }
    }
    for c in 0..<channels { pooled[c] /= Float(pixels) }
  }

  /// Spreads dpooled / P over the pixels of one image (P, C).
  package static func spread(
    _ dPooled: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>, pixels: Int, channels: Int
  ) {
    for p in 0..<pixels {
      for c in 0..<channels { dx[p * channels + c] = dPooled[c] / Float(pixels) }
    }
  }
}
