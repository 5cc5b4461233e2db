// The end of a residual block whose ReLU stands behind the sum, and its gradient:
//
//   y = max(0, s·z + t + a),   a = 0, or u, or s'·u + t'
//   dy where y > 0, else 0: the gradient in the sum

package enum ResidualJoin {
  /// y of pixels of C channels.
  package static func forward(
    _ z: UnsafePointer<Float>, _ affine: ChannelAffine, adding u: UnsafePointer<Float>?, _ other: ChannelAffine?,
    into y: UnsafeMutablePointer<Float>, pixels: Int, channels: Int
  ) {
    let transform = AffineTransform(affine: affine)
    guard let u else {
      return join(z, y, pixels, channels, transform) { _, _ in
        .zero
      } scalar: { _, _ in
        0
      }
    }
    guard let other else {
      return join(z, y, pixels, channels, transform) { i, _ in
        load(u + i)
      } scalar: { i, _ in
        u[i]
      }
    }
    let second = AffineTransform(affine: other)
    join(z, y, pixels, channels, transform) {
      second.vector(load(u + $0), channel: $1)
    } scalar: {
      second.scalar(u[$0], channel: $1)
    }
  }

  @inline(__always)
  private static func join(
    _ z: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ pixels: Int, _ channels: Int,
    _ transform: AffineTransform, _ vector: (_ at: Int, _ channel: Int) -> Vector,
    scalar: (_ at: Int, _ channel: Int) -> Float
  ) {
    let whole = channels / lanes * lanes
    for p in 0..<pixels {
      let base = p * channels
      var c = 0
      while c < whole {
        let sum = transform.vector(load(z + (base + c)), channel: c) + vector(base + c, c)
        store(sum.replacing(with: Vector.zero, where: sum .<= Vector.zero), y + (base + c))
        c += lanes
      }
      while c < channels {
        let sum = transform.scalar(z[base + c], channel: c) + scalar(base + c, c)
        // What is not a number stays so.
        y[base + c] = sum <= 0 ? 0 : sum
        c += 1
      }
    }
  }

  /// Sets dy to 0 where y is.
  package static func mask(_ dy: UnsafeMutablePointer<Float>, _ y: UnsafePointer<Float>, count: Int) {
    var i = 0
    while i + lanes <= count {
      store(load(dy + i).replacing(with: Vector.zero, where: load(y + i) .<= Vector.zero), dy + i)
      i += lanes
    }
    while i < count {
      if y[i] <= 0 { dy[i] = 0 }
      i += 1
    }
  }
}
