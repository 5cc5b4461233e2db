// a = s_c·x + t_c of every channel of a map, without a frame.

package enum ChannelMap {
  /// y of pixels of C channels, plus `other` where given; y may be x or other.
  package static func affine(
    _ x: UnsafePointer<Float>, _ affine: ChannelAffine, adding other: UnsafePointer<Float>? = nil,
    into y: UnsafeMutablePointer<Float>, pixels: Int, channels: Int
  ) {
    let whole = channels / lanes * lanes
    let transform = AffineTransform(affine: affine)
    for p in 0..<pixels {
      let at = p * channels
      for c in stride(from: 0, to: whole, by: lanes) {
        let z = transform.vector(load(x + (at + c)), channel: c)
        store(other.map { load($0 + (at + c)) + z } ?? z, y + (at + c))
      }
      for c in whole..<channels {
        let z = transform.scalar(x[at + c], channel: c)
        y[at + c] = (other.map { $0[at + c] } ?? 0) + z
      }
    }
  }
}
