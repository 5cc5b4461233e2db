// Sine and cosine from + - * / alone, so that they have the same bits on every CPU: the C library's may differ in the last
// one.

/// Directions in a picture.
enum Direction {
  /// (cos a, sin a) of an angle in degrees, -180 ... 180.
  static func unit(degrees: Double) -> (cosine: Double, sine: Double) {
    // By the quarter, then the series of an angle of at most 45 degrees.
    let quarter = (degrees / 90).rounded()
    let a = (degrees - 90 * quarter) * (Double.pi / 180)
    let square = a * a
    var (cosine, sine) = (1.0, 1.0)
    for k in stride(from: 20.0, through: 2, by: -2) {
      cosine = 1 - cosine * square / (k * (k - 1))
      sine = 1 - sine * square / (k * (k + 1))
    }
    sine *= a
    switch (Int(quarter) + 4) % 4 {
    case 0: return (cosine, sine)
    case 1: return (-sine, cosine)
    case 2: return (-cosine, -sine)
    default: return (sine, -cosine)
    }
  }
}
