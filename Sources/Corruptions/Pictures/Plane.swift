// Pictures, layers and masks as real numbers, on which corruptions compute.

/// `height` x `width` pixels of `channels` numbers each, row by row.
struct Plane: Sendable, Equatable {
  let height: Int
  let width: Int
  let channels: Int
  /// H x W x C.
  var values: [Double]

  init(height: Int, width: Int, channels: Int = 1, values: [Double]) {
    precondition(values.count == height * width * channels)
    self.height = height
    self.width = width
    self.channels = channels
    self.values = values
  }

  /// Every number from its pixel and channel.
  init(height: Int, width: Int, channels: Int = 1, _ value: (_ y: Int, _ x: Int, _ c: Int) -> Double) {
    self.init(
      height: height, width: width, channels: channels,
      values: [Double](unsafeUninitializedCapacity: height * width * channels) { values, filled in
        for y in 0..<height {
          for x in 0..<width {
            for c in 0..<channels {
              values[filled] = value(y, x, c)
              filled += 1
            }
          }
        }
      })
  }

  subscript(y: Int, x: Int, c: Int = 0) -> Double {
    get { values[(y * width + x) * channels + c] }
    set { values[(y * width + x) * channels + c] = newValue }
  }

  /// Each number by a function of it.
  func map(_ f: (Double) -> Double) -> Plane {
    Plane(height: height, width: width, channels: channels, values: values.map(f))
  }

  /// Bytes as the authors' code has them: clipped to [0, 1], times 255, cut, not rounded.
  var bytes: [UInt8] { values.map { UInt8(255 * min(1, max(0, $0))) } }

  /// The picture of three channels.
  var image: ByteImage { ByteImage(height: height, width: width, bytes: bytes) }
}
