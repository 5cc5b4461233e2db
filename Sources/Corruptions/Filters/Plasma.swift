// Clouds by the diamond-square algorithm on a torus (Fournier, Fussell, Carpenter 1982), in the authors' variant:
// a[0, 0] = 0; with step s = n and amplitude A = 100, while s >= 2: the middles of squares, then those of diamonds become the mean
// of their four neighbours + A·U(-A, A); s /= 2, A /= decay. At the end shifted and scaled to [0, 1].

/// Clouds.
enum Plasma {
  /// A plane of `size` x `size`, a power of 2.
  ///
  /// - Parameter noise: numbers in (-1, 1); that of a point lies at its place.
  static func plane(size: Int, decay: Double, noise: Plane) -> Plane {
    var a = Plane(height: size, width: size) { _, _, _ in 0 }
    var (step, amplitude) = (size, 100.0)
    func mean(_ y: Int, _ x: Int, _ neighbours: [(Int, Int)]) -> Double {
      let sum = neighbours.reduce(0.0) { $0 + a[(y + $1.0 + size) % size, (x + $1.1 + size) % size] }
      return sum / 4 + amplitude * amplitude * noise[y, x]
    }
    while step >= 2 {
      let half = step / 2
      let corners = [(-half, -half), (-half, half), (half, -half), (half, half)]
      let sides = [(-half, 0), (half, 0), (0, -half), (0, half)]
      for y in stride(from: half, to: size, by: step) {
        for x in stride(from: half, to: size, by: step) { a[y, x] = mean(y, x, corners) }
      }
      for y in stride(from: 0, to: size, by: half) {
        for x in stride(from: (y / half + 1) % 2 * half, to: size, by: step) { a[y, x] = mean(y, x, sides) }
      }
      step = half
      amplitude /= decay
    }
    let (least, greatest) = (a.values.min() ?? 0, a.values.max() ?? 1)
    return a.map { ($0 - least) / (greatest - least) }
  }
}
