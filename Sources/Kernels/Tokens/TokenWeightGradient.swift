// The gradient of the matrix of a linear layer, over rows of tokens:  dW[o, i] = Σ_rows dy[row, o]·x[row, i].
//
//   [O x rows] · [rows x I] -> [O x I]
//
// Both factors are packed: inputs by panels, gradients by the rows of a register tile. A sum over up to `chunk` rows stays in
// registers, and chunks are added in order; so the bits depend on the rows that are given and on nothing else.

/// dW (outputs, inputs) from rows that belong together.
package struct TokenWeightGradient: Sendable {
  /// Multiples of `lanes`.
  package let inputs: Int, outputs: Int

  package init(inputs: Int, outputs: Int) {
    self.inputs = inputs
    self.outputs = outputs
  }

  /// Rows whose packed inputs the nearest cache holds.
  private static let chunk = 128

  private var panels: Int { (inputs + panelWidth - 1) / panelWidth }
  private var blocks: Int { (outputs + tileRows - 1) / tileRows }
  /// Output blocks are taken by so many pieces of work.
  private var groups: Int { min(4, blocks) }

  /// Floats of the packed factors of so many rows.
  package func packedInputCount(rows: Int) -> Int { panels * panelWidth * rows }
  package func packedGradientCount(rows: Int) -> Int { blocks * tileRows * rows }

  /// Packs some rows of x, dense, from row `first` of `total` on.
  package func pack(
    inputs x: UnsafePointer<Float>, into packed: UnsafeMutablePointer<Float>, rows: Int, first: Int, total: Int
  ) {
    for panel in 0..<panels {
      let width = min(panelWidth, inputs - panel * panelWidth)
      let out = packed + (panel * total + first) * panelWidth
      for row in 0..<rows {
        let (from, to) = (x + (row * inputs + panel * panelWidth), out + row * panelWidth)
        for c in stride(from: 0, to: panelWidth, by: lanes) { store(c < width ? load(from + c) : .zero, to + c) }
      }
    }
  }

  /// Packs some rows of dy, dense, from row `first` of `total` on.
  package func pack(
    gradients dy: UnsafePointer<Float>, into packed: UnsafeMutablePointer<Float>, rows: Int, first: Int, total: Int
  ) {
    for block in 0..<blocks {
      let width = min(tileRows, outputs - block * tileRows)
      let out = packed + (block * total + first) * tileRows
      for row in 0..<rows {
        let (from, to) = (dy + (row * outputs + block * tileRows), out + row * tileRows)
        if width == tileRows {
          for r in 0..<tileRows { to[r] = from[r] }
        } else {
          for r in 0..<tileRows { to[r] = r < width ? from[r] : 0 }
        }
      }
    }
  }

  /// Pieces of work into which dW falls.
  package var pieceCount: Int { panels * groups }

  /// Overwrites a piece of dW from packed rows.
  package func run(
    piece: Int, inputs x: UnsafePointer<Float>, gradients dy: UnsafePointer<Float>, rows total: Int,
    into dw: UnsafeMutablePointer<Float>
  ) {
    let (panel, group) = (piece / groups, piece % groups)
    let width = min(panelWidth, inputs - panel * panelWidth)
    for chunk in stride(from: 0, to: total, by: Self.chunk) {
      let rows = min(Self.chunk, total - chunk)
      let p = x + (panel * total + chunk) * panelWidth
      for block in blocks * group / groups..<blocks * (group + 1) / groups {
        let out = WeightTileStore(
          sums: dw + (block * tileRows * inputs + panel * panelWidth), stride: inputs,
          rows: min(tileRows, outputs - block * tileRows), width: width, adding: chunk > 0)
        let d = dy + (block * total + chunk) * tileRows
        if width > lanes { twoVectors(d, p, rows, out) } else { oneVector(d, p, rows, out) }
      }
    }
  }

  @inline(never)
  private func twoVectors(
    _ dy: UnsafePointer<Float>, _ x: UnsafePointer<Float>, _ rows: Int, _ out: WeightTileStore
  ) {
    var sums = Rows(repeating: (left: Vector.zero, right: Vector.zero))
    var (d, p) = (dy, UnsafeRawPointer(x))
    for _ in 0..<rows {
      let p0 = p.load(as: Vector.self)
      let p1 = p.load(fromByteOffset: MemoryLayout<Vector>.size, as: Vector.self)
      sums.update { sum, r in
        let value = Vector(repeating: d[r])
        sum.left = sum.left.plus(value, times: p0)
        sum.right = sum.right.plus(value, times: p1)
      }
      d += tileRows
      p += 2 * MemoryLayout<Vector>.size
    }
    sums.forEach { r, sum in
      out.put(sum.left, row: r, channel: 0)
      out.put(sum.right, row: r, channel: lanes)
    }
  }

  @inline(never)
  private func oneVector(
    _ dy: UnsafePointer<Float>, _ x: UnsafePointer<Float>, _ rows: Int, _ out: WeightTileStore
  ) {
    var sums = Rows(repeating: Vector.zero)
    var (d, p) = (dy, UnsafeRawPointer(x))
    for _ in 0..<rows {
      let p0 = p.load(as: Vector.self)
      sums.update { sum, r in sum = sum.plus(Vector(repeating: d[r]), times: p0) }
      d += tileRows
      p += 2 * MemoryLayout<Vector>.size
    }
    sums.forEach { r, sum in out.put(sum, row: r, channel: 0) }
  }
}
