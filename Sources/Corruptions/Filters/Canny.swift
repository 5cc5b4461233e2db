// Edges by Canny's detector (1986) as OpenCV has it: Sobel's differences (edges repeated), magnitude |dx| + |dy|, thinned along
// the nearest of four directions; edges are the maxima above `high`, and those above `low` that touch an edge.

extension BytePlane {
  /// Whether each pixel lies on an edge, row by row.
  func edges(low: Int, high: Int) -> [Bool] {
    func byte(_ y: Int, _ x: Int) -> Int {
      Int(self[Border.nearest.index(y, in: height), Border.nearest.index(x, in: width)])
    }
    var (dx, dy) = ([Int](repeating: 0, count: bytes.count), [Int](repeating: 0, count: bytes.count))
    for y in 0..<height {
      for x in 0..<width {
        func column(_ x: Int) -> Int { byte(y - 1, x) + 2 * byte(y, x) + byte(y + 1, x) }
        func row(_ y: Int) -> Int { byte(y, x - 1) + 2 * byte(y, x) + byte(y, x + 1) }
        dx[y * width + x] = column(x + 1) - column(x - 1)
        dy[y * width + x] = row(y + 1) - row(y - 1)
      }
    }
    func magnitude(_ y: Int, _ x: Int) -> Int {
      guard 0..<height ~= y, 0..<width ~= x else { return 0 }
      return abs(dx[y * width + x]) + abs(dy[y * width + x])
    }
    var weak = [Bool](repeating: false, count: bytes.count)
    var edges = weak
    var found: [(y: Int, x: Int)] = []
    for y in 0..<height {
      for x in 0..<width {
        let place = y * width + x
        let m = magnitude(y, x)
        guard m > low, isMaximum(m, y, x, dx[place], dy[place], magnitude) else { continue }
        weak[place] = true
        if m > high {
          edges[place] = true
          found.append((y, x))
        }
      }
    }
    while let (y, x) = found.popLast() {
      for v in max(0, y - 1)...min(height - 1, y + 1) {
        for u in max(0, x - 1)...min(width - 1, x + 1) where weak[v * width + u] && !edges[v * width + u] {
          edges[v * width + u] = true
          found.append((v, u))
        }
      }
    }
    return edges
  }

  /// Whether a magnitude is the greatest along its gradient.
  private func isMaximum(_ m: Int, _ y: Int, _ x: Int, _ dx: Int, _ dy: Int, _ at: (Int, Int) -> Int) -> Bool {
    // tan 22.5 degrees in 15 bits; tan 67.5 is 2 more.
    let (across, along) = (abs(dx) * 13_573, abs(dy) << 15)
    if along < across { return m > at(y, x - 1) && m >= at(y, x + 1) }
    if along > across + abs(dx) << 16 { return m > at(y - 1, x) && m >= at(y + 1, x) }
    let side = (dx ^ dy) < 0 ? -1 : 1
    return m > at(y - 1, x - side) && m > at(y + 1, x + side)
  }
}
