// The matrix products of a transformed convolution:  [tiles x K] · [K x N] -> [tiles x N]  for each of its frequencies.
//
// A tile's row is summed in the order of the channels, whichever tiles stand beside it.

enum TileProducts {
  /// Register tiles of so many products.
  static func steps(products: Int, channels: Int, tiles: Int) -> Int {
    panels(products, channels) * ProductTile.count(rows: tiles)
  }

  /// Steps that fetch ahead beside so many products: register tiles, or a block's panels where these are made at once.
  static func steps(products: Int, channels: Int, tiles: Int, blockTiles: Int, by arithmetic: TileArithmetic) -> Int {
    switch arithmetic {
    case .float32: steps(products: products, channels: channels, tiles: tiles)
    case .bfloat16: panels(products, channels) * ((tiles + blockTiles - 1) / blockTiles)
    }
  }

  private static func panels(_ products: Int, _ channels: Int) -> Int {
    products * ((channels + panelWidth - 1) / panelWidth)
  }

  /// M = V · U for some pieces, of which each is a panel of a product: `panel + product · panels`.
  ///
  /// - Parameters:
  ///   - packed: for each piece, from 0 on, `depth` rows of `panelWidth`, as the arithmetic has them.
  ///   - tiles: how many of the block's are multiplied, from the first on.
  ///   - ahead: takes a step for each register tile of ours, in bfloat16 for each piece.
  static func multiply(
    _ block: TileBlock, _ packed: UnsafePointer<Float>, _ pieces: Range<Int>, depth: Int, channels: Int, tiles: Int,
    by arithmetic: TileArithmetic, ahead: inout FetchAhead
  ) {
    let panelCount = (channels + panelWidth - 1) / panelWidth
    let panelFloats = arithmetic.floats(depth * panelWidth)
    switch arithmetic {
    case .float32(let product):
      for piece in pieces {
        let (f, panel) = piece.quotientAndRemainder(dividingBy: panelCount)
        multiply(
          block.v + f * block.inputStride, packed + piece * panelFloats, panel: panel,
          into: block.m + f * block.outputStride, depth: depth, channels: channels, tiles: tiles, by: product,
          ahead: &ahead)
      }
    case .bfloat16(let unit):
      BFloat16Product.prepared(unit, depth: depth) {
        for piece in pieces {
          ahead.step()
          let (f, panel) = piece.quotientAndRemainder(dividingBy: panelCount)
          let first = panel * panelWidth
          BFloat16Product.multiply(
            block.v + f * block.inputStride, rows: tiles, depth: depth, packed + piece * panelFloats,
            width: min(panelWidth, channels - first), into: block.m + (f * block.outputStride + first),
            stride: channels, by: unit)
        }
      }
    }
  }

  /// One panel of one product.
  ///
  /// - Parameters:
  ///   - a: tiles of `depth` Floats.
  ///   - filters: the panel's `depth` rows of `panelWidth`.
  ///   - m: tiles of `channels` Floats.
  static func multiply(
    _ a: UnsafePointer<Float>, _ filters: UnsafePointer<Float>, panel: Int, into m: UnsafeMutablePointer<Float>,
    depth: Int, channels: Int, tiles: Int, by product: MatrixProduct, ahead: inout FetchAhead
  ) {
    let out = m + panel * panelWidth
    let width = min(panelWidth, channels - panel * panelWidth)
    if product == .openblas {
      let rows = OpenBLAS.rows
      for t in stride(from: 0, to: tiles, by: rows) {
        OpenBLAS.multiply(
          a + t * depth, depth, filters, panelWidth, into: out + t * channels, channels, m: rows, n: width, k: depth)
      }
      return
    }
    var t = 0
    while t < tiles {
      ahead.step()
      let rows = ProductTile.rows(left: tiles - t)
      ProductTile.multiply(
        a + t * depth, rows: rows, depth: depth, filters, width: width, into: out + t * channels, stride: channels)
      t += rows
    }
  }
}
