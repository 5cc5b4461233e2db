// Layers of 8 bits, on which OpenCV's filters for spatter work: blur, histogram equalisation, a filter that saturates.

/// `height` x `width` bytes.
struct BytePlane: Sendable, Equatable {
  let height: Int
  let width: Int
  var bytes: [UInt8]

  /// The bytes of a plane of one channel, from 0 on; what is above 1 begins anew at 0, as conversions of NumPy have it.
  init(wrapping plane: Plane) {
    (height, width) = (plane.height, plane.width)
    bytes = plane.values.map { UInt8(truncatingIfNeeded: Int(255 * $0)) }
  }

  init(height: Int, width: Int, bytes: [UInt8]) {
    (self.height, self.width, self.bytes) = (height, width, bytes)
  }

  subscript(y: Int, x: Int) -> UInt8 { bytes[y * width + x] }

  /// Each byte by a function of its place.
  func map(_ f: (_ y: Int, _ x: Int) -> Double) -> BytePlane {
    var result = self
    for y in 0..<height {
      for x in 0..<width { result.bytes[y * width + x] = UInt8(min(255, max(0, f(y, x).rounded(.toNearestOrEven)))) }
    }
    return result
  }

  /// Correlated with 3 x 3 weights, mirrored at the edges, rounded and saturated.
  func filtered(_ kernel: [[Double]]) -> BytePlane {
    let sums = Plane(height: height, width: width, values: bytes.map(Double.init)).filtered(kernel)
    return map { sums[$0, $1] }
  }

  /// Means of 3 x 3.
  var blurred: BytePlane {
    let sums = Plane(height: height, width: width, values: bytes.map(Double.init)).filtered(Self.ones)
    return map { sums[$0, $1] / 9 }
  }

  static let ones = [[Double]](repeating: [1, 1, 1], count: 3)

  /// Spread over all values, so that as many bytes lie below each: the least becomes 0, the greatest 255.
  var equalised: BytePlane {
    var counts = [Int](repeating: 0, count: 256)
    for byte in bytes { counts[Int(byte)] += 1 }
    guard let least = counts.firstIndex(where: { $0 > 0 }), counts[least] < bytes.count else { return self }
    let scale = 255 / Double(bytes.count - counts[least])
    var (table, sum) = ([UInt8](repeating: 0, count: 256), 0)
    for value in least + 1..<256 {
      sum += counts[value]
      table[value] = UInt8(min(255, (Double(sum) * scale).rounded(.toNearestOrEven)))
    }
    return BytePlane(height: height, width: width, bytes: bytes.map { table[Int($0)] })
  }
}
