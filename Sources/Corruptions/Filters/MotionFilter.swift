// The motion blur of ImageMagick: a one-sided Gaussian of 2·ceil(r) + 1 weights, exp(-j²/(2σ²)), j = 0, 1, ..., in sum 1, along
// a direction; pixel j lies at (x + ceil(j·cos a - 1/2), y + ceil(j·sin a - 1/2)), y downwards, the edge repeated.
// The library rounds to 16 bits, and cuts those to the 8 of the files that the authors hand it.

import Tensors

extension Plane {
  /// Moved while it was taken, from each pixel in the direction of an angle; numbers of 8 bits.
  func moved(radius: Double, sigma: Double, degrees: Double) -> Plane {
    let count = 2 * Int(radius.rounded(.up)) + 1
    let weights = (0..<count).map { Exponential.value(-Double($0 * $0) / (2 * sigma * sigma)) }
    let sum = weights.reduce(0, +)
    let (cosine, sine) = Direction.unit(degrees: degrees)
    let steps = (0..<count).map { j in
      (
        weight: weights[j] / sum, x: Int((Double(j) * cosine - 0.5).rounded(.up)),
        y: Int((Double(j) * sine - 0.5).rounded(.up))
      )
    }
    return Plane(height: height, width: width, channels: channels) { y, x, c in
      let value = steps.reduce(0.0) { value, step in
        value + step.weight
          * self[Border.nearest.index(y + step.y, in: height), Border.nearest.index(x + step.x, in: width), c]
      }
      return ((65_535 * value).rounded() / 257).rounded(.down) / 255
    }
  }
}
