// The distance of each pixel to the nearest marked one, by steps of 1 (sides), 1.4 (corners) and 2.1969 (a knight's move): Borgefors
// (1986), in the two passes of OpenCV's 5 x 5 transform.

/// Distances in pixels.
enum DistanceTransform {
  private static let moves: [(y: Int, x: Int, length: Double)] = [
    (-2, -1, 2.1969), (-2, 1, 2.1969), (-1, -2, 2.1969), (-1, -1, 1.4), (-1, 0, 1), (-1, 1, 1.4), (-1, 2, 2.1969),
    (0, -1, 1),
  ]

  /// - Parameter marked: row by row; without any mark all distances are `most`.
  static func distances(height: Int, width: Int, to marked: [Bool], most: Double) -> Plane {
    var d = Plane(height: height, width: width, values: marked.map { $0 ? 0 : most })
    func relax(_ y: Int, _ x: Int, _ sign: Int) {
      for move in moves {
        let (v, u) = (y + sign * move.y, x + sign * move.x)
        guard 0..<height ~= v, 0..<width ~= u else { continue }
        d[y, x] = min(d[y, x], d[v, u] + move.length)
      }
    }
    for y in 0..<height { for x in 0..<width { relax(y, x, 1) } }
    for y in (0..<height).reversed() { for x in (0..<width).reversed() { relax(y, x, -1) } }
    return d
  }
}
