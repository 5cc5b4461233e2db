// The register tile of a product of dense rows:  [rows x depth] · [depth x panel] -> [rows x panel].
//
// As in the tile of sums over taps, the accumulators stay in registers over the whole sum; rows lie at even distances, so
// there are no offsets to read. Beside the tile of `tileRows` rows there is one of four: a few rows that are left do not
// cost a whole tile. A row's sum is one chain over `depth` in either.

/// A register tile of a product of dense rows.
enum ProductTile {
  /// Rows that the next tile takes where so many are left: all, or four where that wastes less.
  @inline(__always)
  static func rows(left: Int) -> Int {
    left <= fewRows || (left > tileRows && left <= 2 * fewRows) ? min(left, fewRows) : min(left, tileRows)
  }

  /// Tiles that so many rows take.
  static func count(rows total: Int) -> Int { (total + tileRows - 1) / tileRows }

  /// Rows of the small tile.
  private static let fewRows = 4

  /// Writes `rows` rows, at most `tileRows`, of one panel.
  ///
  /// - Parameters:
  ///   - a: rows of `depth` Floats, one after another.
  ///   - panel: `depth` rows of `panelWidth`.
  ///   - width: Floats of the panel that are written: `lanes` or `panelWidth`.
  ///   - c: where the first row is written; rows are `stride` Floats apart.
  @inline(__always)
  static func multiply(
    _ a: UnsafePointer<Float>, rows: Int, depth: Int, _ panel: UnsafePointer<Float>, width: Int,
    into c: UnsafeMutablePointer<Float>, stride: Int
  ) {
    switch (rows <= fewRows, width > lanes) {
    case (false, true):
      if depth == 16 && stride == 16 && rows == tileRows {
        fullOf16Channels(a, panel, c)
      } else {
        full(a, rows, depth, panel, c, stride)
      }
    case (true, true): few(a, rows, depth, panel, c, stride)
    case (false, false): fullOfOneVector(a, rows, depth, panel, c, stride)
    case (true, false): fewOfOneVector(a, rows, depth, panel, c, stride)
    }
  }

  @inline(never)
  private static func full(
    _ a: UnsafePointer<Float>, _ rows: Int, _ depth: Int, _ panel: UnsafePointer<Float>,
    _ c: UnsafeMutablePointer<Float>,
    _ stride: Int
  ) { twoVectors(a, rows, depth, panel, c, stride, isFull: true) }

  /// Where a sum is so short, what constants save before and behind it counts.
  @inline(never)
  private static func fullOf16Channels(
    _ a: UnsafePointer<Float>, _ panel: UnsafePointer<Float>, _ c: UnsafeMutablePointer<Float>
  ) { twoVectors(a, tileRows, 16, panel, c, 16, isFull: true) }

  @inline(never)
  private static func few(
    _ a: UnsafePointer<Float>, _ rows: Int, _ depth: Int, _ panel: UnsafePointer<Float>,
    _ c: UnsafeMutablePointer<Float>,
    _ stride: Int
  ) { twoVectors(a, rows, depth, panel, c, stride, isFull: false) }

  @inline(never)
  private static func fullOfOneVector(
    _ a: UnsafePointer<Float>, _ rows: Int, _ depth: Int, _ panel: UnsafePointer<Float>,
    _ c: UnsafeMutablePointer<Float>,
    _ stride: Int
  ) { oneVector(a, rows, depth, panel, c, stride, isFull: true) }

  @inline(never)
  private static func fewOfOneVector(
    _ a: UnsafePointer<Float>, _ rows: Int, _ depth: Int, _ panel: UnsafePointer<Float>,
    _ c: UnsafeMutablePointer<Float>,
    _ stride: Int
  ) { oneVector(a, rows, depth, panel, c, stride, isFull: false) }

  /// Rows beyond the last repeat it, and are dropped.
  @inline(__always)
  private static func twoVectors(
    _ a: UnsafePointer<Float>, _ rows: Int, _ depth: Int, _ panel: UnsafePointer<Float>,
    _ c: UnsafeMutablePointer<Float>,
    _ stride: Int, isFull: Bool
  ) {
    var sums = Rows(repeating: (left: Vector.zero, right: Vector.zero))
    let values = Rows(each: { r in a + min(r, rows - 1) * depth })
    var filter = UnsafeRawPointer(panel)
    for k in 0..<depth {
      let f0 = filter.load(as: Vector.self)
      let f1 = filter.load(fromByteOffset: MemoryLayout<Vector>.size, as: Vector.self)
      filter += 2 * MemoryLayout<Vector>.size
      sums.update(with: values, isFull: isFull) { sum, value in
        let v = Vector(repeating: value[k])
        sum.left = sum.left.plus(v, times: f0)
        sum.right = sum.right.plus(v, times: f1)
      }
    }
    sums.forEach(isFull: isFull) { r, sum in
      if r >= rows { return }
      store(sum.left, c + r * stride)
      store(sum.right, c + (r * stride + lanes))
    }
  }

  @inline(__always)
  private static func oneVector(
    _ a: UnsafePointer<Float>, _ rows: Int, _ depth: Int, _ panel: UnsafePointer<Float>,
    _ c: UnsafeMutablePointer<Float>,
    _ stride: Int, isFull: Bool
  ) {
    var sums = Rows(repeating: Vector.zero)
    let values = Rows(each: { r in a + min(r, rows - 1) * depth })
    var filter = UnsafeRawPointer(panel)
    for k in 0..<depth {
      let f = filter.load(as: Vector.self)
      filter += 2 * MemoryLayout<Vector>.size
      sums.update(with: values, isFull: isFull) { sum, value in sum = sum.plus(Vector(repeating: value[k]), times: f) }
    }
    sums.forEach(isFull: isFull) { r, sum in if r < rows { store(sum, c + r * stride) } }
  }
}
