// A 3x3 convolution of stride 2 by Winograd's F(4, 2) on its phases.
//
// Split by the parity of rows and columns, a filter of three taps is one of two taps on the one parity and of one tap on
// the other. Along one axis, in padded coordinates P[i] = x[i − 1]:
//
//   forward          y[m] = P[2m]·w₀ + P[2m + 2]·w₂  +  P[2m + 1]·w₁
//   input gradient   dx[2m + 1] = dy[m]·w₂ + dy[m + 1]·w₀,    dx[2m] = dy[m]·w₁
//
// Two taps by F(4, 2) with the points 0, 1, −1, 2, ∞ take 5 products for 4 outputs, one tap takes 4. Over both axes a 4x4
// block of outputs takes 25 + 20 + 20 + 16 = 81 products instead of 144, each a matrix product over channels:
//
//   [tiles x K] · [K x N] -> [tiles x N]

/// A 3x3 convolution of stride 2 in one direction, by F(4, 2) on its phases.
package struct WinogradStride2Program: TransformedProgram {
  private let geometry: ConvolutionGeometry
  private let filters: TransformedFilters
  private let tilesDown: Int, tilesAcross: Int
  private let blockTiles = 32
  package var arithmetic: TileArithmetic { filters.arithmetic }

  private var isGradient: Bool { filters.isGradient }
  package var products: Int { 81 }
  package var imageTiles: Int { tilesDown * tilesAcross }
  package var depth: Int { filters.depth }
  package var channels: Int { filters.channels }

  /// nil where the outputs are not 4x4 blocks of whole vectors, or the arithmetic does not fit.
  package init?(_ g: ConvolutionGeometry, gradient: Bool, by arithmetic: TileArithmetic = .float32(.swift)) {
    guard g.kernel == 3, g.stride == 2, g.outputHeight % 4 == 0, g.outputWidth % 4 == 0, g.inputChannels % lanes == 0,
      g.outputChannels % lanes == 0
    else { return nil }
    geometry = g
    filters = TransformedFilters(
      inputChannels: g.inputChannels, outputChannels: g.outputChannels, isGradient: gradient, frequencies: 81,
      arithmetic: arithmetic)
    guard arithmetic.fits(depth: filters.depth, channels: filters.channels) else { return nil }
    tilesDown = g.outputHeight / 4
    tilesAcross = g.outputWidth / 4
  }

  /// A phase: what stands along rows and columns, and where its products begin among the 81.
  private struct Phase<Rows: PhaseAxis, Columns: PhaseAxis> {
    let first: Int
    var products: Int { Rows.products * Columns.products }
  }

  private var bothTwo: Phase<TwoTaps, TwoTaps> { Phase(first: 0) }
  private var rowsTwo: Phase<TwoTaps, OneTap> { Phase(first: 25) }
  private var columnsTwo: Phase<OneTap, TwoTaps> { Phase(first: 45) }
  private var bothOne: Phase<OneTap, OneTap> { Phase(first: 65) }

  package var algorithm: String { "winograd" }
  package var multiplicationShare: Double { 81 / 144 }
  package var panelCount: Int { filters.panelCount }
  package var packedCount: Int { filters.packedCount }
  /// One phase is at work at a time: at most 25 products.
  package var workspaceCount: Int {
    max(
      TileBlock.count(tiles: blockTiles, products: 25, depth: depth, channels: channels, arithmetic),
      filters.scratchCount)
  }

  // MARK: - Filters

  package func pack(
    _ weights: UnsafePointer<Float>, into packed: UnsafeMutablePointer<Float>, panel: Int,
    workspace: UnsafeMutablePointer<Float>
  ) {
    filters.pack(weights, into: packed, panel: panel, scratch: workspace) { taps, out, stride in
      packPhase(bothTwo, taps, out, stride)
      packPhase(rowsTwo, taps, out, stride)
      packPhase(columnsTwo, taps, out, stride)
      packPhase(bothOne, taps, out, stride)
    }
  }

  /// The filter rows (or columns) of a phase; the gradient meets w₂ before w₀.
  private func tapsOf(_ axis: (some PhaseAxis).Type) -> (Int, Int) {
    axis.isTwo ? (isGradient ? (2, 0) : (0, 2)) : (1, 1)
  }

  @inline(__always)
  private func packPhase<Rows, Columns>(
    _ phase: Phase<Rows, Columns>, _ taps: UnsafePointer<Vector>, _ target: UnsafeMutablePointer<Float>, _ step: Int
  ) {
    let (i0, i1) = tapsOf(Rows.self)
    let (j0, j1) = tapsOf(Columns.self)
    func tap(_ i: Int, _ j: Int) -> Vector { taps[(3 * i + j) * lanes] }
    func put(_ row: Int, _ left: Vector, _ right: Vector) {
      let u = Columns.filter(left, right)
      let out = target + (phase.first + row * Columns.products) * step
      store(u.0, out)
      store(u.1, out + step)
      store(u.2, out + 2 * step)
      store(u.3, out + 3 * step)
      if Columns.isTwo { store(u.4, out + 4 * step) }
    }
    let left = Rows.filter(tap(i0, j0), tap(i1, j0))
    let right = Rows.filter(tap(i0, j1), tap(i1, j1))
    put(0, left.0, right.0)
    put(1, left.1, right.1)
    put(2, left.2, right.2)
    put(3, left.3, right.3)
    if Rows.isTwo { put(4, left.4, right.4) }
  }

  // MARK: - Images

  package func run(
    input: UnsafePointer<Float>, inputStride: Int, packed: UnsafePointer<Float>,
    output: UnsafeMutablePointer<Float>, outputStride: Int, residual: UnsafePointer<Float>?, images: Int,
    workspace: UnsafeMutablePointer<Float>, ahead: FetchAhead
  ) {
    let total = images * imageTiles
    var ahead = ahead.beside(
      output, residual, count: images * outputStride,
      steps: TileProducts.steps(
        products: 81, channels: channels, tiles: total, blockTiles: blockTiles, by: arithmetic))
    let block = TileBlock(workspace, tiles: blockTiles, products: 25, depth: depth, channels: channels, arithmetic)
    var first = 0
    while first < total {
      let count = min(blockTiles, total - first)
      func forEachTile(_ body: (_ t: Int, _ image: Int, _ tile: Int) -> Void) {
        for t in 0..<count {
          let (image, tile) = (first + t).quotientAndRemainder(dividingBy: imageTiles)
          body(t, image, tile)
        }
      }
      func run(_ phase: Phase<some PhaseAxis, some PhaseAxis>) {
        forEachTile { t, image, tile in
          transformInput(
            phase, input + image * inputStride, tile, block.v + t * arithmetic.floats(depth), block.inputStride)
        }
        TileProducts.multiply(
          block, packed + phase.first * panelCount * filters.panelFloats, 0..<phase.products * panelCount, depth: depth,
          channels: channels, tiles: count, by: arithmetic, ahead: &ahead)
        forEachTile { t, image, tile in
          let y = output + image * outputStride
          let addend = addend(phase, y, residual.map { $0 + image * outputStride })
          transformOutput(phase, block.m + t * channels, block.outputStride, y, addend, tile)
        }
      }
      run(bothTwo)
      run(rowsTwo)
      run(columnsTwo)
      run(bothOne)
      first += count
    }
  }

  package func transformInput(_ image: UnsafePointer<Float>, into block: TileBlock, at tile: Int) {
    func run(_ phase: Phase<some PhaseAxis, some PhaseAxis>) {
      let row = arithmetic.floats(depth)
      let v = block.v + (phase.first * block.inputStride + tile * row)
      for t in 0..<imageTiles { transformInput(phase, image, t, v + t * row, block.inputStride) }
    }
    run(bothTwo)
    run(rowsTwo)
    run(columnsTwo)
    run(bothOne)
  }

  package func transformOutput(
    _ block: TileBlock, at tile: Int, into image: UnsafeMutablePointer<Float>, residual: UnsafePointer<Float>?
  ) {
    func run(_ phase: Phase<some PhaseAxis, some PhaseAxis>) {
      let m = block.m + (phase.first * block.outputStride + tile * channels)
      let addend = addend(phase, image, residual)
      for t in 0..<imageTiles { transformOutput(phase, m + t * channels, block.outputStride, image, addend, t) }
    }
    run(bothTwo)
    run(rowsTwo)
    run(columnsTwo)
    run(bothOne)
  }

  /// What a phase adds its outputs to: forward, the phases after the first add to what is there.
  @inline(__always)
  private func addend(
    _ phase: Phase<some PhaseAxis, some PhaseAxis>, _ output: UnsafeMutablePointer<Float>,
    _ residual: UnsafePointer<Float>?
  ) -> UnsafePointer<Float>? { !isGradient && phase.first > 0 ? UnsafePointer(output) : residual }

  /// The transformed inputs of one phase of one tile, all channels, as the arithmetic has them.
  @inline(__always)
  private func transformInput(
    _ phase: Phase<some PhaseAxis, some PhaseAxis>, _ image: UnsafePointer<Float>, _ tile: Int,
    _ v: UnsafeMutablePointer<Float>, _ stride: Int
  ) {
    switch arithmetic {
    case .float32: transformInput(phase, image, tile, v, stride, as: Float32Tile.self)
    case .bfloat16: transformInput(phase, image, tile, v, stride, as: BFloat16Tile.self)
    }
  }

  /// The same as numbers of `kind`; the values between the axes stay in registers.
  ///
  /// Forward, a tile's window is 9x9 padded pixels, of which a phase takes those of its parity; backward, 5x5 padded
  /// output gradients, of which a phase with one tap leaves out the last.
  @inline(__always)
  private func transformInput<Rows, Columns, Number: TileNumber>(
    _ phase: Phase<Rows, Columns>, _ image: UnsafePointer<Float>, _ tile: Int, _ v: UnsafeMutablePointer<Float>,
    _ stride: Int, as kind: Number.Type
  ) {
    let (row, column) = tile.quotientAndRemainder(dividingBy: tilesAcross)
    let pitch = ((isGradient ? geometry.outputWidth : geometry.width) + 2) * depth
    let spacing = isGradient ? 1 : 2
    let firstRow = isGradient ? 4 * row + 1 : 8 * row + (Rows.isTwo ? 0 : 1)
    let firstColumn = isGradient ? 4 * column + 1 : 8 * column + (Columns.isTwo ? 0 : 1)
    let window = image + (firstRow * pitch + firstColumn * depth)
    let (rowStep, columnStep) = (spacing * pitch, spacing * depth)
    var c = 0
    while c < depth {
      @inline(__always)
      func along(_ j: Int) -> Five {
        let p = window + (j * columnStep + c)
        return Rows.input(Rows.each { load(p + $0 * rowStep) })
      }
      @inline(__always)
      func put(_ i: Int, _ t0: Vector, _ t1: Vector, _ t2: Vector, _ t3: Vector, _ t4: Vector) {
        let r = Columns.input((t0, t1, t2, t3, t4))
        let out = v + (i * Columns.products * stride + kind.floats(c))
        Number.store(r.0, out)
        Number.store(r.1, out + stride)
        Number.store(r.2, out + 2 * stride)
        Number.store(r.3, out + 3 * stride)
        if Columns.isTwo { Number.store(r.4, out + 4 * stride) }
      }
      let (t0, t1, t2, t3) = (along(0), along(1), along(2), along(3))
      let t4 = Columns.isTwo ? along(4) : (.zero, .zero, .zero, .zero, .zero)
      put(0, t0.0, t1.0, t2.0, t3.0, t4.0)
      put(1, t0.1, t1.1, t2.1, t3.1, t4.1)
      put(2, t0.2, t1.2, t2.2, t3.2, t4.2)
      put(3, t0.3, t1.3, t2.3, t3.3, t4.3)
      if Rows.isTwo { put(4, t0.4, t1.4, t2.4, t3.4, t4.4) }
      c += lanes
    }
  }

  /// Writes one phase of one tile, all channels: forward to the tile's 4x4 outputs, backward to the pixels of its parity.
  @inline(__always)
  private func transformOutput<Rows, Columns>(
    _ phase: Phase<Rows, Columns>, _ m: UnsafePointer<Float>, _ stride: Int, _ image: UnsafeMutablePointer<Float>,
    _ addend: UnsafePointer<Float>?, _ tile: Int
  ) {
    let (row, column) = tile.quotientAndRemainder(dividingBy: tilesAcross)
    let step = Columns.products * stride
    let spacing = isGradient ? 2 : 1
    let pitch = (isGradient ? geometry.width : geometry.outputWidth) * channels
    // Backward, two taps make the odd pixels.
    let firstRow = isGradient ? 8 * row + (Rows.isTwo ? 1 : 0) : 4 * row
    let firstColumn = isGradient ? 8 * column + (Columns.isTwo ? 1 : 0) : 4 * column
    let first = firstRow * pitch + firstColumn * channels
    let (rowStep, columnStep) = (spacing * pitch, spacing * channels)
    var c = 0
    while c < channels {
      @inline(__always)
      func along(_ j: Int) -> Four {
        let p = m + (j * stride + c)
        return Rows.output(Rows.each { load(p + $0 * step) })
      }
      @inline(__always)
      func write(_ value: Vector, _ at: Int) {
        store(addend.map { load($0 + at) + value } ?? value, image + at)
      }
      @inline(__always)
      func put(_ i: Int, _ t0: Vector, _ t1: Vector, _ t2: Vector, _ t3: Vector, _ t4: Vector) {
        let r = Columns.output((t0, t1, t2, t3, t4))
        let at = first + i * rowStep + c
        write(r.0, at)
        write(r.1, at + columnStep)
        write(r.2, at + 2 * columnStep)
        write(r.3, at + 3 * columnStep)
      }
      let (t0, t1, t2, t3) = (along(0), along(1), along(2), along(3))
      let t4 = Columns.isTwo ? along(4) : (.zero, .zero, .zero, .zero)
      put(0, t0.0, t1.0, t2.0, t3.0, t4.0)
      put(1, t0.1, t1.1, t2.1, t3.1, t4.1)
      put(2, t0.2, t1.2, t2.2, t3.2, t4.2)
      put(3, t0.3, t1.3, t2.3, t3.3, t4.3)
      c += lanes
    }
  }
}
