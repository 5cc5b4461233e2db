// Products of rows of tokens with the matrix of a linear layer, in either direction:
//
//   forward          y = x·(s∘W)ᵀ + b     W (O, I), s a factor of each output
//   input gradient   dx = dy·(s∘W)
//
// by register tiles of rows x one panel of packed weights. A row's sum is one chain over the depth, whichever rows stand
// beside it; what follows a product (bias, GELU, residual) is done on each tile while the nearest cache has it.

/// A matrix product of rows with packed weights: [rows x depth] · [depth x channels] -> [rows x channels].
package struct TokenProduct: Sendable {
  /// Length of a sum.
  package let depth: Int
  /// Values of a row of the product; a multiple of `lanes`.
  package let channels: Int

  package init(depth: Int, channels: Int) {
    self.depth = depth
    self.channels = channels
  }

  /// What becomes of a row of sums z.
  package enum Finish {
    /// y = z.
    case plain
    /// y = z + b.
    case bias(UnsafePointer<Float>)
    /// y = z + b, and GELU(y), which lies like y.
    case gelu(bias: UnsafePointer<Float>, activated: UnsafeMutablePointer<Float>)
    /// y = r + f·(z + b) of residual rows r, which lie like y and may be y.
    case residual(bias: UnsafePointer<Float>, UnsafePointer<Float>, factor: Float)
  }

  package var panelCount: Int { (channels + panelWidth - 1) / panelWidth }
  /// Floats of the packed weights.
  package var packedCount: Int { panelCount * panelWidth * depth }

  /// Packs a panel for the forward direction, of W (channels, depth) with a factor of each row if given.
  package func pack(
    rows w: UnsafePointer<Float>, scale: UnsafePointer<Float>?, into packed: UnsafeMutablePointer<Float>, panel: Int
  ) {
    let first = panel * panelWidth
    let width = min(panelWidth, channels - first)
    let out = packed + panel * panelWidth * depth
    for n in 0..<panelWidth {
      let factor = n < width ? scale?[first + n] ?? 1 : 0
      let row = w + (n < width ? first + n : first) * depth
      for k in 0..<depth { out[k * panelWidth + n] = factor * row[k] }
    }
  }

  /// Packs a panel for the input gradient, of W (depth, channels) with a factor of each row if given.
  package func pack(
    columns w: UnsafePointer<Float>, scale: UnsafePointer<Float>?, into packed: UnsafeMutablePointer<Float>,
    panel: Int
  ) {
    let first = panel * panelWidth
    let width = min(panelWidth, channels - first)
    var out = packed + panel * panelWidth * depth
    for k in 0..<depth {
      let (row, factor) = (w + (k * channels + first), scale?[k] ?? 1)
      for n in 0..<width { out[n] = factor * row[n] }
      for n in width..<panelWidth { out[n] = 0 }
      out += panelWidth
    }
  }

  /// Rows that a near cache holds, while panel after panel goes by.
  private var blockRows: Int { max(tileRows, min(256, 65_536 / depth / tileRows * tileRows)) }

  /// y of dense rows x.
  package func run(
    _ x: UnsafePointer<Float>, rows total: Int, packed: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>,
    _ finish: Finish
  ) {
    for block in stride(from: 0, to: total, by: blockRows) {
      let end = min(total, block + blockRows)
      for panel in 0..<panelCount {
        let first = panel * panelWidth
        let width = min(panelWidth, channels - first)
        var row = block
        while row < end {
          let rows = ProductTile.rows(left: end - row)
          let at = row * channels + first
          ProductTile.multiply(
            x + row * depth, rows: rows, depth: depth, packed + panel * panelWidth * depth, width: width, into: y + at,
            stride: channels)
          complete(y + at, first, rows: rows, width: width, at, finish)
          row += rows
        }
      }
    }
  }

  /// Does to a tile what follows the product.
  @inline(__always)
  private func complete(
    _ y: UnsafeMutablePointer<Float>, _ channel: Int, rows: Int, width: Int, _ at: Int, _ finish: Finish
  ) {
    switch finish {
    case .plain: break
    case .bias(let bias): add(bias + channel, to: y, rows, width)
    case .gelu(let bias, let activated):
      add(bias + channel, to: y, rows, width)
      for r in 0..<rows { GELU.forward(y + r * channels, into: activated + (at + r * channels), count: width) }
    case .residual(let bias, let residual, let factor):
      let f = Vector(repeating: factor)
      for c in stride(from: 0, to: width, by: lanes) {
        let b = load(bias + (channel + c))
        for r in 0..<rows {
          let p = y + (r * channels + c)
          store(load(residual + (at + r * channels + c)).plus(f, times: load(p) + b), p)
        }
      }
    }
  }

  @inline(__always)
  private func add(_ bias: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, _ rows: Int, _ width: Int) {
    for c in stride(from: 0, to: width, by: lanes) {
      let b = load(bias + c)
      for r in 0..<rows { store(load(y + (r * channels + c)) + b, y + (r * channels + c)) }
    }
  }
}
