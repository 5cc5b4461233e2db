// A 3x3 convolution of stride 1 by Winograd's minimal filtering, F(4x4, 3x3).
//
//   Y = Aᵀ [ Σ_c (G g_c Gᵀ) ⊙ (Bᵀ d_c B) ] A     for each 4x4 block of outputs, d the 6x6 inputs under it
//
// with the points 0, ±1, ±2, ∞ (Lavin and Gray, CVPR 2016, arXiv:1509.09308). The 36 products of a tile are 36 matrix
// products over channels, one for each frequency, with a quarter of the multiplications of the direct sum:
//
//   [tiles x K] · [K x N] -> [tiles x N]
//
// A tile's row is summed in the order of the channels, whichever tiles stand beside it, so an example's bits depend on
// the example alone. The input gradient is the same on the padded output gradient, with filters turned and transposed.

/// A 3x3 convolution of stride 1 in one direction, by F(4x4, 3x3).
package struct WinogradProgram: TransformedProgram {
  private let filters: TransformedFilters
  /// Tiles down and across.
  private let tileRows4: Int
  private let tileColumns: Int
  private let width: Int
  /// Tiles whose transformed values are at work at once.
  private let blockTiles: Int
  package var arithmetic: TileArithmetic { filters.arithmetic }

  package var products: Int { 36 }
  package var imageTiles: Int { tileRows4 * tileColumns }
  package var depth: Int { filters.depth }
  package var channels: Int { filters.channels }

  /// nil where the geometry is not one of 4x4 blocks of whole vectors, or not one for the arithmetic.
  package init?(_ g: ConvolutionGeometry, gradient: Bool, by arithmetic: TileArithmetic = .float32(.swift)) {
    guard Self.fits(g) else { return nil }
    filters = TransformedFilters(
      inputChannels: g.inputChannels, outputChannels: g.outputChannels, isGradient: gradient, frequencies: 36,
      arithmetic: arithmetic)
    guard arithmetic.fits(depth: filters.depth, channels: filters.channels) else { return nil }
    tileRows4 = g.height / 4
    tileColumns = g.width / 4
    width = g.width
    blockTiles = filters.depth <= 64 ? 32 : 64
  }

  /// Whether a geometry is one of 4x4 blocks of whole vectors.
  static func fits(_ g: ConvolutionGeometry) -> Bool {
    g.kernel == 3 && g.stride == 1 && g.height % 4 == 0 && g.width % 4 == 0 && g.inputChannels % lanes == 0
      && g.outputChannels % lanes == 0
  }

  package var algorithm: String { "winograd" }
  package var multiplicationShare: Double { 36 / 144 }
  package var panelCount: Int { filters.panelCount }
  package var packedCount: Int { filters.packedCount }
  package var workspaceCount: Int {
    max(
      TileBlock.count(tiles: blockTiles, products: 36, depth: depth, channels: channels, arithmetic),
      filters.scratchCount)
  }

  package func pack(
    _ weights: UnsafePointer<Float>, into packed: UnsafeMutablePointer<Float>, panel: Int,
    workspace: UnsafeMutablePointer<Float>
  ) {
    let isTurned = filters.isGradient
    filters.pack(weights, into: packed, panel: panel, scratch: workspace) { taps, out, stride in
      func tap(_ i: Int, _ j: Int) -> Vector { taps[(isTurned ? 8 - (3 * i + j) : 3 * i + j) * lanes] }
      func row(_ i: Int, _ a: Vector, _ b: Vector, _ c: Vector) {
        let u = WinogradTransform.filter(a, b, c)
        let out = out + 6 * i * stride
        store(u.0, out)
        store(u.1, out + stride)
        store(u.2, out + 2 * stride)
        store(u.3, out + 3 * stride)
        store(u.4, out + 4 * stride)
        store(u.5, out + 5 * stride)
      }
      let a = WinogradTransform.filter(tap(0, 0), tap(1, 0), tap(2, 0))
      let b = WinogradTransform.filter(tap(0, 1), tap(1, 1), tap(2, 1))
      let c = WinogradTransform.filter(tap(0, 2), tap(1, 2), tap(2, 2))
      row(0, a.0, b.0, c.0)
      row(1, a.1, b.1, c.1)
      row(2, a.2, b.2, c.2)
      row(3, a.3, b.3, c.3)
      row(4, a.4, b.4, c.4)
      row(5, a.5, b.5, c.5)
    }
  }

  package func run(
    input: UnsafePointer<Float>, inputStride: Int, packed: UnsafePointer<Float>,
    output: UnsafeMutablePointer<Float>, outputStride: Int, residual: UnsafePointer<Float>?, images: Int,
    workspace: UnsafeMutablePointer<Float>, ahead: FetchAhead
  ) {
    let total = images * imageTiles
    var ahead = ahead.beside(
      output, residual, count: images * outputStride,
      steps: TileProducts.steps(
        products: 36, channels: channels, tiles: total, blockTiles: blockTiles, by: arithmetic))
    let block = TileBlock(workspace, tiles: blockTiles, products: 36, depth: depth, channels: channels, arithmetic)
    var first = 0
    while first < total {
      let count = min(blockTiles, total - first)
      for t in 0..<count {
        let (image, tile) = (first + t).quotientAndRemainder(dividingBy: imageTiles)
        transformInput(input + image * inputStride, tile, block, t)
      }
      TileProducts.multiply(
        block, packed, 0..<pieces, depth: depth, channels: channels, tiles: count, by: arithmetic, ahead: &ahead)
      for t in 0..<count {
        let (image, tile) = (first + t).quotientAndRemainder(dividingBy: imageTiles)
        transformOutput(block, t, output + image * outputStride, residual.map { $0 + image * outputStride }, tile)
      }
      first += count
    }
  }

  package func transformInput(_ image: UnsafePointer<Float>, into block: TileBlock, at tile: Int) {
    for t in 0..<imageTiles { transformInput(image, t, block, tile + t) }
  }

  package func transformOutput(
    _ block: TileBlock, at tile: Int, into image: UnsafeMutablePointer<Float>, residual: UnsafePointer<Float>?
  ) {
    for t in 0..<imageTiles { transformOutput(block, tile + t, image, residual, t) }
  }

  /// V of one tile of an image, as the block's tile t.
  @inline(__always)
  private func transformInput(_ image: UnsafePointer<Float>, _ tile: Int, _ block: TileBlock, _ t: Int) {
    let (row, column) = tile.quotientAndRemainder(dividingBy: tileColumns)
    @inline(__always)
    func transform(_ kind: (some TileNumber).Type, _ depth: Int, _ stride: Int) {
      WinogradTransform.inputTile(
        image + (row * 4 * (width + 2) + column * 4) * depth, rowStride: (width + 2) * depth, channels: depth,
        into: block.v + t * kind.floats(depth), stride: stride, as: kind)
    }
    switch arithmetic {
    case .float32: TileBlock.withConstants(depth, block.inputStride) { transform(Float32Tile.self, $0, $1) }
    case .bfloat16: transform(BFloat16Tile.self, depth, block.inputStride)
    }
  }

  /// One tile of an image from the block's tile t.
  @inline(__always)
  private func transformOutput(
    _ block: TileBlock, _ t: Int, _ image: UnsafeMutablePointer<Float>, _ residual: UnsafePointer<Float>?, _ tile: Int
  ) {
    let (row, column) = tile.quotientAndRemainder(dividingBy: tileColumns)
    let at = (row * 4 * width + column * 4) * channels
    TileBlock.withConstants(channels, block.outputStride) { channels, stride in
      transformOutput(block.m + t * channels, stride, channels, image + at, residual.map { $0 + at })
    }
  }

  /// Y = Aᵀ M A (+ residual) of one tile, all channels; the 24 vectors between stay in registers.
  @inline(__always)
  private func transformOutput(
    _ m: UnsafePointer<Float>, _ stride: Int, _ channels: Int, _ y: UnsafeMutablePointer<Float>,
    _ residual: UnsafePointer<Float>?
  ) {
    let rowStride = width * channels
    var c = 0
    while c < channels {
      @inline(__always)
      func column(_ j: Int) -> (Vector, Vector, Vector, Vector) {
        let p = m + (j * stride + c)
        return WinogradTransform.output(
          load(p), load(p + 6 * stride), load(p + 12 * stride), load(p + 18 * stride), load(p + 24 * stride),
          load(p + 30 * stride))
      }
      @inline(__always)
      func put(
        _ i: Int, _ t0: Vector, _ t1: Vector, _ t2: Vector, _ t3: Vector, _ t4: Vector, _ t5: Vector
      ) {
        let r = WinogradTransform.output(t0, t1, t2, t3, t4, t5)
        let at = i * rowStride + c
        if let residual {
          store(r.0 + load(residual + at), y + at)
          store(r.1 + load(residual + (at + channels)), y + (at + channels))
          store(r.2 + load(residual + (at + 2 * channels)), y + (at + 2 * channels))
          store(r.3 + load(residual + (at + 3 * channels)), y + (at + 3 * channels))
        } else {
          store(r.0, y + at)
          store(r.1, y + (at + channels))
          store(r.2, y + (at + 2 * channels))
          store(r.3, y + (at + 3 * channels))
        }
      }
      let (t0, t1, t2, t3, t4, t5) = (column(0), column(1), column(2), column(3), column(4), column(5))
      put(0, t0.0, t1.0, t2.0, t3.0, t4.0, t5.0)
      put(1, t0.1, t1.1, t2.1, t3.1, t4.1, t5.1)
      put(2, t0.2, t1.2, t2.2, t3.2, t4.2, t5.2)
      put(3, t0.3, t1.3, t2.3, t3.3, t4.3, t5.3)
      c += lanes
    }
  }
}
