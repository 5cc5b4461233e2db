// The Gaussian filter of SciPy and scikit-image: weights exp(-j²/(2σ²)) for |j| <= R = floor(t·σ + 1/2), in sum 1, along the
// columns, then along the rows.

import Tensors

extension Plane {
  /// Blurred by a Gaussian.
  ///
  /// - Parameter truncate: t, where the weights end, in σ.
  func blurred(sigma: Double, border: Border = .nearest, truncate: Double = 4) -> Plane {
    let weights = Self.gaussian(sigma: sigma, radius: Int(truncate * sigma + 0.5))
    return filtered(weights, border: border, alongRows: false).filtered(weights, border: border, alongRows: true)
  }

  /// The weights of -radius ... radius.
  static func gaussian(sigma: Double, radius: Int) -> [Double] {
    let weights = (-radius...radius).map { Exponential.value(-Double($0 * $0) / (2 * sigma * sigma)) }
    let sum = weights.reduce(0, +)
    return weights.map { $0 / sum }
  }

  /// Correlated with 2R + 1 weights along one direction.
  private func filtered(_ weights: [Double], border: Border, alongRows: Bool) -> Plane {
    let radius = weights.count / 2
    let n = alongRows ? width : height
    let places = (0..<n).map { i in (-radius...radius).map { border.index(i + $0, in: n) } }
    return Plane(height: height, width: width, channels: channels) { y, x, c in
      var sum = 0.0
      for (weight, place) in zip(weights, places[alongRows ? x : y]) {
        sum += weight * (alongRows ? self[y, place, c] : self[place, x, c])
      }
      return sum
    }
  }

  /// Correlated with a square of weights of odd side, mirrored at the edges (`filter2D` of OpenCV).
  func filtered(_ kernel: [[Double]]) -> Plane {
    let radius = kernel.count / 2
    let rows = (-radius..<height + radius).map { Border.mirror.index($0, in: height) }
    let columns = (-radius..<width + radius).map { Border.mirror.index($0, in: width) }
    return Plane(height: height, width: width, channels: channels) { y, x, c in
      var sum = 0.0
      for (j, weights) in kernel.enumerated() {
        for (i, weight) in weights.enumerated() { sum += weight * self[rows[y + j], columns[x + i], c] }
      }
      return sum
    }
  }
}
