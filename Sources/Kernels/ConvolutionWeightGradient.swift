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

#if FAIRTAT_AVX512
  @inline(__always)
  func weightTileOfTwoVectors(
    _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, _ inputOffsets: UnsafeBufferPointer<Int32>,
    _ outputOffsets: UnsafeBufferPointer<Int32>, _ out: WeightTileStore
  ) {
    var a0 = Vector.zero, b0 = Vector.zero
    var a1 = Vector.zero, b1 = Vector.zero
    var a2 = Vector.zero, b2 = Vector.zero
    var a3 = Vector.zero, b3 = Vector.zero
    var a4 = Vector.zero, b4 = Vector.zero
    var a5 = Vector.zero, b5 = Vector.zero
    var a6 = Vector.zero, b6 = Vector.zero
    var a7 = Vector.zero, b7 = Vector.zero
    for pixel in 0..<inputOffsets.count {
      let p = x + Int(inputOffsets[pixel])
      let q = dy + Int(outputOffsets[pixel])
      let d0 = load(q)
      let d1 = load(q + lanes)
      let v0 = Vector(repeating: p[0])
      a0 = a0.plus(v0, times: d0)
      b0 = b0.plus(v0, times: d1)
      let v1 = Vector(repeating: p[1])
      a1 = a1.plus(v1, times: d0)
      b1 = b1.plus(v1, times: d1)
      let v2 = Vector(repeating: p[2])
      a2 = a2.plus(v2, times: d0)
      b2 = b2.plus(v2, times: d1)
      let v3 = Vector(repeating: p[3])
      a3 = a3.plus(v3, times: d0)
      b3 = b3.plus(v3, times: d1)
      let v4 = Vector(repeating: p[4])
      a4 = a4.plus(v4, times: d0)
      b4 = b4.plus(v4, times: d1)
      let v5 = Vector(repeating: p[5])
      a5 = a5.plus(v5, times: d0)
      b5 = b5.plus(v5, times: d1)
      let v6 = Vector(repeating: p[6])
      a6 = a6.plus(v6, times: d0)
      b6 = b6.plus(v6, times: d1)
      let v7 = Vector(repeating: p[7])
      a7 = a7.plus(v7, times: d0)
      b7 = b7.plus(v7, times: d1)
    }
    out.put(a0, row: 0, channel: 0)
    out.put(b0, row: 0, channel: lanes)
    out.put(a1, row: 1, channel: 0)
    out.put(b1, row: 1, channel: lanes)
    out.put(a2, row: 2, channel: 0)
    out.put(b2, row: 2, channel: lanes)
    out.put(a3, row: 3, channel: 0)
    out.put(b3, row: 3, channel: lanes)
    out.put(a4, row: 4, channel: 0)
    out.put(b4, row: 4, channel: lanes)
    out.put(a5, row: 5, channel: 0)
    out.put(b5, row: 5, channel: lanes)
    out.put(a6, row: 6, channel: 0)
    out.put(b6, row: 6, channel: lanes)
    out.put(a7, row: 7, channel: 0)
    out.put(b7, row: 7, channel: lanes)
  }

  @inline(__always)
  func weightTileOfOneVector(
    _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, _ inputOffsets: UnsafeBufferPointer<Int32>,
    _ outputOffsets: UnsafeBufferPointer<Int32>, _ out: WeightTileStore
  ) {
    var a0 = Vector.zero
    var a1 = Vector.zero
    var a2 = Vector.zero
    var a3 = Vector.zero
    var a4 = Vector.zero
    var a5 = Vector.zero
    var a6 = Vector.zero
    var a7 = Vector.zero
    for pixel in 0..<inputOffsets.count {
      let p = x + Int(inputOffsets[pixel])
      let q = dy + Int(outputOffsets[pixel])
      let d0 = load(q)
      let v0 = Vector(repeating: p[0])
      a0 = a0.plus(v0, times: d0)
      let v1 = Vector(repeating: p[1])
      a1 = a1.plus(v1, times: d0)
      let v2 = Vector(repeating: p[2])
      a2 = a2.plus(v2, times: d0)
      let v3 = Vector(repeating: p[3])
      a3 = a3.plus(v3, times: d0)
      let v4 = Vector(repeating: p[4])
      a4 = a4.plus(v4, times: d0)
      let v5 = Vector(repeating: p[5])
      a5 = a5.plus(v5, times: d0)
      let v6 = Vector(repeating: p[6])
      a6 = a6.plus(v6, times: d0)
      let v7 = Vector(repeating: p[7])
      a7 = a7.plus(v7, times: d0)
    }
    out.put(a0, row: 0, channel: 0)
    out.put(a1, row: 1, channel: 0)
    out.put(a2, row: 2, channel: 0)
    out.put(a3, row: 3, channel: 0)
    out.put(a4, row: 4, channel: 0)
    out.put(a5, row: 5, channel: 0)
    out.put(a6, row: 6, channel: 0)
    out.put(a7, row: 7, channel: 0)
  }

#else
  @inline(__always)
  func weightTileOfTwoVectors(
    _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, _ inputOffsets: UnsafeBufferPointer<Int32>,
    _ outputOffsets: UnsafeBufferPointer<Int32>, _ out: WeightTileStore
  ) {
    var a0 = Vector.zero, b0 = Vector.zero
    var a1 = Vector.zero, b1 = Vector.zero
    var a2 = Vector.zero, b2 = Vector.zero
    var a3 = Vector.zero, b3 = Vector.zero
    var a4 = Vector.zero, b4 = Vector.zero
    var a5 = Vector.zero, b5 = Vector.zero
    for pixel in 0..<inputOffsets.count {
      let p = x + Int(inputOffsets[pixel])
      let q = dy + Int(outputOffsets[pixel])
      let d0 = load(q)
      let d1 = load(q + lanes)
      let v0 = Vector(repeating: p[0])
      a0 = a0.plus(v0, times: d0)
      b0 = b0.plus(v0, times: d1)
      let v1 = Vector(repeating: p[1])
      a1 = a1.plus(v1, times: d0)
      b1 = b1.plus(v1, times: d1)
      let v2 = Vector(repeating: p[2])
      a2 = a2.plus(v2, times: d0)
      b2 = b2.plus(v2, times: d1)
      let v3 = Vector(repeating: p[3])
      a3 = a3.plus(v3, times: d0)
      b3 = b3.plus(v3, times: d1)
      let v4 = Vector(repeating: p[4])
      a4 = a4.plus(v4, times: d0)
      b4 = b4.plus(v4, times: d1)
      let v5 = Vector(repeating: p[5])
      a5 = a5.plus(v5, times: d0)
      b5 = b5.plus(v5, times: d1)
    }
    out.put(a0, row: 0, channel: 0)
    out.put(b0, row: 0, channel: lanes)
    out.put(a1, row: 1, channel: 0)
    out.put(b1, row: 1, channel: lanes)
    out.put(a2, row: 2, channel: 0)
    out.put(b2, row: 2, channel: lanes)
    out.put(a3, row: 3, channel: 0)
    out.put(b3, row: 3, channel: lanes)
    out.put(a4, row: 4, channel: 0)
    out.put(b4, row: 4, channel: lanes)
    out.put(a5, row: 5, channel: 0)
    out.put(b5, row: 5, channel: lanes)
  }

  @inline(__always)
  func weightTileOfOneVector(
    _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, _ inputOffsets: UnsafeBufferPointer<Int32>,
    _ outputOffsets: UnsafeBufferPointer<Int32>, _ out: WeightTileStore
  ) {
    var a0 = Vector.zero
    var a1 = Vector.zero
    var a2 = Vector.zero
    var a3 = Vector.zero
    var a4 = Vector.zero
    var a5 = Vector.zero
    for pixel in 0..<inputOffsets.count {
      let p = x + Int(inputOffsets[pixel])
      let q = dy + Int(outputOffsets[pixel])
      let d0 = load(q)
      let v0 = Vector(repeating: p[0])
      a0 = a0.plus(v0, times: d0)
      let v1 = Vector(repeating: p[1])
      a1 = a1.plus(v1, times: d0)
      let v2 = Vector(repeating: p[2])
      a2 = a2.plus(v2, times: d0)
      let v3 = Vector(repeating: p[3])
      a3 = a3.plus(v3, times: d0)
      let v4 = Vector(repeating: p[4])
      a4 = a4.plus(v4, times: d0)
      let v5 = Vector(repeating: p[5])
      a5 = a5.plus(v5, times: d0)
    }
    out.put(a0, row: 0, channel: 0)
    out.put(a1, row: 1, channel: 0)
    out.put(a2, row: 2, channel: 0)
    out.put(a3, row: 3, channel: 0)
    out.put(a4, row: 4, channel: 0)
    out.put(a5, row: 5, channel: 0)
  }

#endif
