// The middle of a picture, enlarged by z to at least its size, and cut to it.
//
// Of n pixels a side the middle m = ceil(n/z) become k = round(m·z) by linear interpolation between the outermost pixels (SciPy's
// zoom of order 1: output i lies at i·(m - 1)/(k - 1)); the middle n of those are taken.

extension Plane {
  /// Enlarged by `factor`, at least 1.
  func zoomed(by factor: Double) -> Plane {
    let rows = Self.places(height, factor)
    let columns = Self.places(width, factor)
    return Plane(height: height, width: width, channels: channels) { y, x, c in
      let (row, column) = (rows[y], columns[x])
      let upper = self[row.first, column.first, c] * (1 - column.part) + self[row.first, column.second, c] * column.part
      let lower =
        self[row.second, column.first, c] * (1 - column.part) + self[row.second, column.second, c] * column.part
      return upper * (1 - row.part) + lower * row.part
    }
  }

  /// The two pixels that each of `n` lies between, and how far from the first.
  private static func places(_ n: Int, _ factor: Double) -> [(first: Int, second: Int, part: Double)] {
    let m = Int((Double(n) / factor).rounded(.up))
    let top = (n - m) / 2
    let k = Int((Double(m) * factor).rounded(.toNearestOrEven))
    let trim = (k - n) / 2
    let step = k > 1 ? Double(m - 1) / Double(k - 1) : 0
    return (0..<n).map { i in
      let at = Double(i + trim) * step
      let first = min(m - 1, Int(at))
      return (top + first, top + min(m - 1, first + 1), at - Double(first))
    }
  }
}
