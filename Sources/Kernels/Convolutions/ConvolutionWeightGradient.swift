// The weight gradient of a convolution:  dw[k, o] = Σ_pixels x[pixel + k] · dy[pixel, o].
//
//   [k x pixels] · [pixels x O] -> [k x O],  k over a run of a forward tap program (a kernel row and its channels).
//
// Both factors are read in place: eight neighbouring k are neighbours in the padded image. The sum over the pixels of an
// image stays in registers; images are added in the first-level cache, in order.

/// What a weight tile writes to: rows of sums, `stride` apart.
struct WeightTileStore {
  let sums: UnsafeMutablePointer<Float>
  let stride: Int
  let rows: Int
  let width: Int
  /// Whether to add to what is there.
  let adding: Bool

  @inline(__always)
  func put(_ value: Vector, row: Int, channel: Int) {
    if row >= rows { return }
    let at = sums + (row * stride + channel)
    if channel + lanes <= width {
      store(adding ? load(at) + value : value, at)
    } else {
      for lane in 0..<max(0, width - channel) { at[lane] = (adding ? at[lane] : 0) + value[lane] }
    }
  }
}

extension TapProgram {
  /// Pieces into which a weight gradient falls, for threads: blocks of k times panels of output channels.
  var weightGradientPieces: Int { runs.reduce(0) { $0 + blocks($1) } * panelCount }

  /// Floats of a piece: a panel for each row of a tile.
  static var weightPieceCount: Int { tileRows * panelWidth }

  private func blocks(_ run: Run) -> Int { (run.length + tileRows - 1) / tileRows }

  /// Where a piece lies.
  private struct WeightPiece {
    /// Its first value in a padded image, relative to a pixel, and its first row of dw.
    let offset: Int, row: Int
    /// Its first output channel.
    let channel: Int
    let rows: Int, width: Int
  }

  private func weightPiece(_ piece: Int) -> WeightPiece {
    let panel = piece % panelCount
    var block = piece / panelCount
    var firstRow = 0
    var run = runs.startIndex
    while block >= blocks(runs[run]) {
      block -= blocks(runs[run])
      firstRow += runs[run].length
      run += 1
    }
    let k = block * tileRows
    let channel = panel * panelWidth
    return WeightPiece(
      offset: runs[run].offset + k, row: firstRow + k, channel: channel, rows: min(tileRows, runs[run].length - k),
      width: min(panelWidth, channels - channel))
  }

  /// Computes one piece of dw from padded inputs and dense output gradients; overwrites the memory for it, row after row.
  ///
  /// Only for forward programs.
  func weightGradient(
    piece: Int, input: UnsafePointer<Float>, inputStride: Int, dy: UnsafePointer<Float>, dyStride: Int,
    into sums: UnsafeMutablePointer<Float>, images: Int
  ) {
    let piece = weightPiece(piece)
    inputOffsets.withUnsafeBufferPointer { inputOffsets in
      outputOffsets.withUnsafeBufferPointer { outputOffsets in
        for image in 0..<images {
          let x = input + (image * inputStride + piece.offset)
          let d = dy + (image * dyStride + piece.channel)
          let out = WeightTileStore(
            sums: sums, stride: panelWidth, rows: piece.rows, width: piece.width, adding: image > 0)
          if piece.width > lanes {
            weightTileOfTwoVectors(x, d, inputOffsets, outputOffsets, out)
          } else {
            weightTileOfOneVector(x, d, inputOffsets, outputOffsets, out)
          }
        }
      }
    }
  }

  /// Writes a piece to its place in dw, (kh, kw, I, O).
  func storeWeightGradient(piece: Int, _ sums: UnsafePointer<Float>, into dw: UnsafeMutablePointer<Float>) {
    let piece = weightPiece(piece)
    for row in 0..<piece.rows {
      (dw + ((piece.row + row) * channels + piece.channel)).update(from: sums + row * panelWidth, count: piece.width)
    }
  }
}

/// A tile of eight neighbouring k (six without AVX-512) and up to two vectors of output channels.
@inline(__always)
func weightTileOfTwoVectors(
  _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, _ inputOffsets: UnsafeBufferPointer<Int32>,
  _ outputOffsets: UnsafeBufferPointer<Int32>, _ out: WeightTileStore
) {
  var sums = Rows(repeating: (left: Vector.zero, right: Vector.zero))
  for pixel in 0..<inputOffsets.count {
    let p = x + Int(inputOffsets[pixel])
    let q = dy + Int(outputOffsets[pixel])
    let (d0, d1) = (load(q), load(q + lanes))
    sums.update { sum, r in
      let value = Vector(repeating: p[r])
      sum.left = sum.left.plus(value, times: d0)
      sum.right = sum.right.plus(value, times: d1)
    }
  }
  sums.forEach { r, sum in
    out.put(sum.left, row: r, channel: 0)
    out.put(sum.right, row: r, channel: lanes)
  }
}

/// A tile of eight neighbouring k (six without AVX-512) and one vector of output channels.
@inline(__always)
func weightTileOfOneVector(
  _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, _ inputOffsets: UnsafeBufferPointer<Int32>,
  _ outputOffsets: UnsafeBufferPointer<Int32>, _ out: WeightTileStore
) {
  var sums = Rows(repeating: Vector.zero)
  for pixel in 0..<inputOffsets.count {
    let p = x + Int(inputOffsets[pixel])
    let d = load(dy + Int(outputOffsets[pixel]))
    sums.update { sum, r in sum = sum.plus(Vector(repeating: p[r]), times: d) }
  }
  sums.forEach { r, sum in out.put(sum, row: r, channel: 0) }
}
