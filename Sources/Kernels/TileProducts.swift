// The matrix products of a transformed convolution:  [tiles x K] · [K x N] -> [tiles x N]  for each of its frequencies.
//
// A tile's row is summed in the order of the channels, whichever tiles stand beside it.

enum TileProducts {
  /// Register tiles of so many products.
  static func steps(products: Int, channels: Int, tiles: Int) -> Int {
    products * ((channels + panelWidth - 1) / panelWidth) * ProductTile.count(rows: tiles)
  }

  /// M = V · U for each of `products` and each panel.
  ///
  /// V and M have room for a multiple of `MatrixProduct.rows` tiles.
  ///
  /// - Parameters:
  ///   - v: for each product, `vStride` Floats apart, tiles of `depth` Floats.
  ///   - packed: for each product and panel, `depth` rows of `panelWidth`.
  ///   - m: for each product, `mStride` Floats apart, tiles of `channels` Floats; overwritten.
  ///   - ahead: takes a step for each register tile of ours.
  static func multiply(
    _ v: UnsafePointer<Float>, _ vStride: Int, _ packed: UnsafePointer<Float>, _ m: UnsafeMutablePointer<Float>,
    _ mStride: Int, products: Int, depth: Int, channels: Int, tiles: Int,
    by product: MatrixProduct, ahead: inout FetchAhead
  ) {
    guard product == .swift else {
      return multiplyByOpenBLAS(v, vStride, packed, m, mStride, products, depth, channels, tiles)
    }
    let panelCount = (channels + panelWidth - 1) / panelWidth
    let panelFloats = depth * panelWidth
    for f in 0..<products {
      let a = v + f * vStride
      let out = m + f * mStride
      for panel in 0..<panelCount {
        let filters = packed + (f * panelCount + panel) * panelFloats
        let width = min(panelWidth, channels - panel * panelWidth)
        var t = 0
        while t < tiles {
          ahead.step()
          let rows = ProductTile.rows(left: tiles - t)
          ProductTile.multiply(
            a + t * depth, rows: rows, depth: depth, filters, width: width,
            into: out + (t * channels + panel * panelWidth), stride: channels)
          t += rows
        }
      }
    }
  }

  private static func multiplyByOpenBLAS(
    _ v: UnsafePointer<Float>, _ vStride: Int, _ packed: UnsafePointer<Float>, _ m: UnsafeMutablePointer<Float>,
    _ mStride: Int, _ products: Int, _ depth: Int, _ channels: Int, _ tiles: Int
  ) {
    let panelCount = (channels + panelWidth - 1) / panelWidth
    let rows = OpenBLAS.rows
    for f in 0..<products {
      for panel in 0..<panelCount {
        let first = panel * panelWidth
        for t in stride(from: 0, to: tiles, by: rows) {
          OpenBLAS.multiply(
            v + (f * vStride + t * depth), depth, packed + (f * panelCount + panel) * depth * panelWidth, panelWidth,
            into: m + (f * mStride + t * channels + first), channels, m: rows,
            n: min(panelWidth, channels - first), k: depth)
        }
      }
    }
  }
}
