// The weight gradient of a convolution:  dw[k, o] = Σ_pixels x[pixel + k] · dy[pixel, o].
//
//   [k x pixels] · [pixels x O] -> [k x O],  k over a run of a forward tap program (a kernel row and its channels).
//
// Both factors are read in place: eight neighbouring k are neighbours in the padded image. The sum over the pixels of an
// image stays in registers; images are added in memory, in order.

/// What a weight tile writes to: rows of dw, `stride` apart.
struct WeightTileStore {
  let dw: UnsafeMutablePointer<Float>
  let stride: Int
  let rows: Int
  let width: Int
  /// Whether to add to what is there.
  let adding: Bool

  @inline(__always)
  func put(_ value: Vector, row: Int, channel: Int) {
    if row >= rows { return }
    let at = dw + (row * stride + channel)
    if channel + lanes <= width {
      store(adding ? load(at) + value : value, at)
    } else {
      for lane in 0..<max(0, width - channel) { at[lane] = (adding ? at[lane] : 0) + value[lane] }
    }
  }
}

extension TapProgram {
  /// Pieces into which a weight gradient falls, for threads: blocks of k times panels of output channels.
  package var weightGradientPieces: Int { runs.reduce(0) { $0 + blocks($1) } * panelCount }

  private func blocks(_ run: Run) -> Int { (run.length + tileRows - 1) / tileRows }

  /// Computes one piece of dw, (kh, kw, I, O), from padded inputs and dense output gradients; overwrites that piece.
  ///
  /// Only for forward programs.
  package func weightGradient(
    piece: Int, input: UnsafePointer<Float>, inputStride: Int, dy: UnsafePointer<Float>, dyStride: Int,
    dw: UnsafeMutablePointer<Float>, images: Int
  ) {
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
    let rows = min(tileRows, runs[run].length - k)
    let first = panel * panelWidth
    let width = min(panelWidth, channels - first)
    inputOffsets.withUnsafeBufferPointer { inputOffsets in
      outputOffsets.withUnsafeBufferPointer { outputOffsets in
        for image in 0..<images {
          let x = input + (image * inputStride + runs[run].offset + k)
          let d = dy + (image * dyStride + first)
          let out = WeightTileStore(
            dw: dw + ((firstRow + k) * channels + first), stride: channels, rows: rows, width: width, adding: image > 0)
          if width > lanes {
            weightTileOfTwoVectors(x, d, inputOffsets, outputOffsets, out)
          } else {
            weightTileOfOneVector(x, d, inputOffsets, outputOffsets, out)
          }
        }
      }
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
