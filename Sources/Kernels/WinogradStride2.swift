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

/// The 1D transforms of F(4, 2), on vectors of channels.
enum TwoTapTransform {
  /// Bᵀ d.
  @inline(__always)
  static func input(
    _ d0: Vector, _ d1: Vector, _ d2: Vector, _ d3: Vector, _ d4: Vector
  ) -> (Vector, Vector, Vector, Vector, Vector) {
    let two = Vector(repeating: 2)
    let minusTwo = Vector(repeating: -2)
    // x³ − 2x² − x + 2,  x³ − x² − 2x,  x³ − 3x² + 2x,  x³ − x,  x⁴ − 2x³ − x² + 2x.
    return (
      (d3 - d1).plus(two, times: d0 - d2), (d3 - d2).plus(minusTwo, times: d1),
      d3.plus(two, times: d1).plus(Vector(repeating: -3), times: d2), d3 - d1, (d4 - d2).plus(two, times: d1 - d3)
    )
  }

  /// Aᵀ m.
  @inline(__always)
  static func output(
    _ m0: Vector, _ m1: Vector, _ m2: Vector, _ m3: Vector, _ m4: Vector
  ) -> (Vector, Vector, Vector, Vector) {
    let sum = m1 + m2
    let difference = m1 - m2
    return (
      m0 + sum + m3, difference.plus(Vector(repeating: 2), times: m3), sum.plus(Vector(repeating: 4), times: m3),
      difference.plus(Vector(repeating: 8), times: m3) + m4
    )
  }

  /// G g.
  @inline(__always)
  static func filter(_ g0: Vector, _ g1: Vector) -> (Vector, Vector, Vector, Vector, Vector) {
    (
      g0 * Vector(repeating: 0.5), (g0 + g1) * Vector(repeating: -0.5), (g1 - g0) * Vector(repeating: 1 / 6),
      (g0 * Vector(repeating: 1 / 6)).plus(Vector(repeating: 1 / 3), times: g1), g1
    )
  }
}

/// A 3x3 convolution of stride 2 in one direction, by F(4, 2) on its phases.
package struct WinogradStride2Program: ImageProgram {
  private let geometry: ConvolutionGeometry
  private let filters: TransformedFilters
  private let tilesDown: Int, tilesAcross: Int
  private let blockTiles = 32
  private let product: MatrixProduct

  private var isGradient: Bool { filters.isGradient }
  /// Channels summed over, and channels written.
  private var depth: Int { filters.depth }
  package var channels: Int { filters.channels }

  /// nil where the outputs are not 4x4 blocks of whole vectors.
  package init?(_ g: ConvolutionGeometry, gradient: Bool, product: MatrixProduct = .swift) {
    guard g.kernel == 3, g.stride == 2, g.outputHeight % 4 == 0, g.outputWidth % 4 == 0, g.inputChannels % lanes == 0,
      g.outputChannels % lanes == 0
    else { return nil }
    geometry = g
    filters = TransformedFilters(
      inputChannels: g.inputChannels, outputChannels: g.outputChannels, isGradient: gradient, frequencies: 81)
    self.product = product
    tilesDown = g.outputHeight / 4
    tilesAcross = g.outputWidth / 4
  }

  /// A phase: whether rows and columns have two taps, and where its products begin among the 81.
  private struct Phase {
    let rowsTwo: Bool, columnsTwo: Bool
    let first: Int
    var rows: Int { rowsTwo ? 5 : 4 }
    var columns: Int { columnsTwo ? 5 : 4 }
  }

  private var phases: (Phase, Phase, Phase, Phase) {
    (
      Phase(rowsTwo: true, columnsTwo: true, first: 0), Phase(rowsTwo: true, columnsTwo: false, first: 25),
      Phase(rowsTwo: false, columnsTwo: true, first: 45), Phase(rowsTwo: false, columnsTwo: false, first: 65)
    )
  }

  private func forEachPhase(_ body: (Phase) -> Void) {
    body(phases.0)
    body(phases.1)
    body(phases.2)
    body(phases.3)
  }

  package var algorithm: String { "winograd" }
  package var multiplicationShare: Double { 81 / 144 }
  package var panelCount: Int { filters.panelCount }
  package var packedCount: Int { filters.packedCount }
  /// Floats between the products of a block, an odd number of cache lines beyond it.
  private func productStride(_ channels: Int) -> Int { blockTiles * channels + 16 }
  /// One phase is at work at a time: at most 25 products, and two blocks of vectors.
  package var workspaceCount: Int {
    max(25 * (productStride(depth) + productStride(channels)) + 64 * lanes, filters.scratchCount)
  }

  // MARK: - Filters

  package func pack(
    _ weights: UnsafePointer<Float>, into packed: UnsafeMutablePointer<Float>, panel: Int,
    workspace: UnsafeMutablePointer<Float>
  ) {
    filters.pack(weights, into: packed, panel: panel, scratch: workspace) { taps, out, stride in
      forEachPhase { packPhase($0, taps, out, stride) }
    }
  }

  /// The filter rows (or columns) of a phase; the gradient meets w₂ before w₀.
  private func tapsOf(_ two: Bool) -> (Int, Int) { two ? (isGradient ? (2, 0) : (0, 2)) : (1, 1) }

  @inline(__always)
  private func packPhase(
    _ phase: Phase, _ taps: UnsafePointer<Vector>, _ target: UnsafeMutablePointer<Float>, _ step: Int
  ) {
    func tap(_ i: Int, _ j: Int) -> Vector { taps[(3 * i + j) * lanes] }
    func put(_ v: Vector, _ row: Int, _ column: Int) {
      store(v, target + (phase.first + row * phase.columns + column) * step)
    }
    func putRow(_ row: Int, _ left: Vector, _ right: Vector) {
      if phase.columnsTwo {
        let u = TwoTapTransform.filter(left, right)
        put(u.0, row, 0)
        put(u.1, row, 1)
        put(u.2, row, 2)
        put(u.3, row, 3)
        put(u.4, row, 4)
      } else {
        for column in 0..<4 { put(left, row, column) }
      }
    }
    let (i0, i1) = tapsOf(phase.rowsTwo)
    let (j0, j1) = tapsOf(phase.columnsTwo)
    if phase.rowsTwo {
      let left = TwoTapTransform.filter(tap(i0, j0), tap(i1, j0))
      let right = TwoTapTransform.filter(tap(i0, j1), tap(i1, j1))
      putRow(0, left.0, right.0)
      putRow(1, left.1, right.1)
      putRow(2, left.2, right.2)
      putRow(3, left.3, right.3)
      putRow(4, left.4, right.4)
    } else {
      for row in 0..<4 { putRow(row, tap(i0, j0), tap(i0, j1)) }
    }
  }

  // MARK: - Images

  package func run(
    input: UnsafePointer<Float>, inputStride: Int, packed: UnsafePointer<Float>,
    output: UnsafeMutablePointer<Float>, outputStride: Int, residual: UnsafePointer<Float>?, images: Int,
    workspace: UnsafeMutablePointer<Float>
  ) {
    let perImage = tilesDown * tilesAcross
    let total = images * perImage
    let v = workspace
    let m = v + 25 * productStride(depth)
    let scratch = UnsafeMutableRawPointer(m + 25 * productStride(channels)).assumingMemoryBound(to: Vector.self)
    var first = 0
    while first < total {
      let count = min(blockTiles, total - first)
      func forEachTile(_ body: (_ t: Int, _ image: Int, _ row: Int, _ column: Int) -> Void) {
        for t in 0..<count {
          let (image, tile) = (first + t).quotientAndRemainder(dividingBy: perImage)
          body(t, image, tile / tilesAcross, tile % tilesAcross)
        }
      }
      forEachPhase { phase in
        forEachTile { t, image, row, column in
          transformInput(phase, input + image * inputStride, row, column, v + t * depth, scratch)
        }
        TileProducts.multiply(
          v, productStride(depth), packed + phase.first * panelCount * filters.panelFloats, m, productStride(channels),
          products: phase.rows * phase.columns, depth: depth, channels: channels, tiles: count, by: product)
        // Forward, the phases after the first add to it.
        let isSum = !isGradient && phase.first > 0
        let addend = isSum ? UnsafePointer(output) : residual
        forEachTile { t, image, row, column in
          transformOutput(
            phase, m + t * channels, output + image * outputStride, addend.map { $0 + image * outputStride }, row,
            column, scratch)
        }
      }
      first += count
    }
  }

  /// The transformed inputs of one phase of one tile, all channels.
  ///
  /// Forward, a tile's window is 9x9 padded pixels, of which a phase takes those of its parity; backward, 5x5 padded
  /// output gradients, of which a phase with one tap leaves out the last.
  @inline(__always)
  private func transformInput(
    _ phase: Phase, _ image: UnsafePointer<Float>, _ row: Int, _ column: Int, _ v: UnsafeMutablePointer<Float>,
    _ t: UnsafeMutablePointer<Vector>
  ) {
    let pitch = ((isGradient ? geometry.outputWidth : geometry.width) + 2) * depth
    let spacing = isGradient ? 1 : 2
    let firstRow = isGradient ? 4 * row + 1 : 8 * row + (phase.rowsTwo ? 0 : 1)
    let firstColumn = isGradient ? 4 * column + 1 : 8 * column + (phase.columnsTwo ? 0 : 1)
    let window = image + (firstRow * pitch + firstColumn * depth)
    let (rowStep, columnStep) = (spacing * pitch, spacing * depth)
    let stride = productStride(depth)
    let (rows, columns) = (phase.rows, phase.columns)
    var c = 0
    while c < depth {
      for j in 0..<columns {
        let p = window + (j * columnStep + c)
        if phase.rowsTwo {
          let r = TwoTapTransform.input(
            load(p), load(p + rowStep), load(p + 2 * rowStep), load(p + 3 * rowStep), load(p + 4 * rowStep))
          t[j] = r.0
          t[5 + j] = r.1
          t[10 + j] = r.2
          t[15 + j] = r.3
          t[20 + j] = r.4
        } else {
          for i in 0..<4 { t[5 * i + j] = load(p + i * rowStep) }
        }
      }
      for i in 0..<rows {
        let s = t + 5 * i
        let out = v + (i * columns * stride + c)
        if phase.columnsTwo {
          let r = TwoTapTransform.input(s[0], s[1], s[2], s[3], s[4])
          store(r.0, out)
          store(r.1, out + stride)
          store(r.2, out + 2 * stride)
          store(r.3, out + 3 * stride)
          store(r.4, out + 4 * stride)
        } else {
          for j in 0..<4 { store(s[j], out + j * stride) }
        }
      }
      c += lanes
    }
  }

  /// Writes one phase of one tile, all channels: forward to the tile's 4x4 outputs, backward to the pixels of its parity.
  @inline(__always)
  private func transformOutput(
    _ phase: Phase, _ m: UnsafePointer<Float>, _ image: UnsafeMutablePointer<Float>, _ addend: UnsafePointer<Float>?,
    _ row: Int, _ column: Int, _ t: UnsafeMutablePointer<Vector>
  ) {
    let stride = productStride(channels)
    let columns = phase.columns
    let step = columns * stride
    let spacing = isGradient ? 2 : 1
    let pitch = (isGradient ? geometry.width : geometry.outputWidth) * channels
    // Backward, two taps make the odd pixels.
    let firstRow = isGradient ? 8 * row + (phase.rowsTwo ? 1 : 0) : 4 * row
    let firstColumn = isGradient ? 8 * column + (phase.columnsTwo ? 1 : 0) : 4 * column
    let first = firstRow * pitch + firstColumn * channels
    var c = 0
    while c < channels {
      for j in 0..<columns {
        let p = m + (j * stride + c)
        if phase.rowsTwo {
          let r = TwoTapTransform.output(
            load(p), load(p + step), load(p + 2 * step), load(p + 3 * step), load(p + 4 * step))
          t[j] = r.0
          t[5 + j] = r.1
          t[10 + j] = r.2
          t[15 + j] = r.3
        } else {
          for i in 0..<4 { t[5 * i + j] = load(p + i * step) }
        }
      }
      for i in 0..<4 {
        let s = t + 5 * i
        let at = first + i * spacing * pitch + c
        let r = phase.columnsTwo ? TwoTapTransform.output(s[0], s[1], s[2], s[3], s[4]) : (s[0], s[1], s[2], s[3])
        write(r.0, image, addend, at)
        write(r.1, image, addend, at + spacing * channels)
        write(r.2, image, addend, at + 2 * spacing * channels)
        write(r.3, image, addend, at + 3 * spacing * channels)
      }
      c += lanes
    }
  }

  @inline(__always)
  private func write(
    _ value: Vector, _ image: UnsafeMutablePointer<Float>, _ addend: UnsafePointer<Float>?, _ at: Int
  ) {
    store(addend.map { load($0 + at) + value } ?? value, image + at)
  }
}
