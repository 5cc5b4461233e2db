// The matrix kernel of a tap program: tiles of output pixels x one panel of output channels.
//
//   [pixels x depth] · [depth x panel] -> [pixels x panel],  the rows of the left matrix read in place from the padded image.
//
// The accumulators stay in registers over the whole sum; per step one or two vectors of filters are loaded and each
// pixel's value is broadcast into the multiply-add.

extension TapProgram: ImageProgram {
  package var algorithm: String { "direct" }
  package var multiplicationShare: Double { 1 }
  package var workspaceCount: Int { 0 }

  package func run(
    input: UnsafePointer<Float>, inputStride: Int, packed: UnsafePointer<Float>,
    output: UnsafeMutablePointer<Float>, outputStride: Int, residual: UnsafePointer<Float>?, images: Int,
    workspace: UnsafeMutablePointer<Float>, ahead: FetchAhead
  ) {
    var ahead = ahead.beside(
      output, residual, count: images * outputStride,
      steps: images * ((inputOffsets.count + tileRows - 1) / tileRows))
    runs.withUnsafeBufferPointer { runs in
      inputOffsets.withUnsafeBufferPointer { inputOffsets in
        outputOffsets.withUnsafeBufferPointer { outputOffsets in
          for panel in 0..<panelCount {
            let first = panel * panelWidth
            let width = min(panelWidth, channels - first)
            let filters = packed + panel * panelWidth * depth
            for image in 0..<images {
              let x = input + image * inputStride
              let y = output + (image * outputStride + first)
              let r = residual.map { $0 + (image * outputStride + first) }
              var pixel = 0
              while pixel < inputOffsets.count {
                ahead.step()
                let rows = min(tileRows, inputOffsets.count - pixel)
                tile(
                  x, inputOffsets.baseAddress! + pixel, rows, runs, filters, width,
                  y, r, outputOffsets.baseAddress! + pixel)
                pixel += tileRows
              }
            }
          }
        }
      }
    }
  }

  /// One tile; `rows` below `tileRows` repeats the last row and drops the copies.
  @inline(__always)
  private func tile(
    _ x: UnsafePointer<Float>, _ inputOffsets: UnsafePointer<Int32>, _ rows: Int, _ runs: UnsafeBufferPointer<Run>,
    _ filters: UnsafePointer<Float>, _ width: Int,
    _ y: UnsafeMutablePointer<Float>, _ residual: UnsafePointer<Float>?, _ outputOffsets: UnsafePointer<Int32>
  ) {
    var store = TileStore(y: y, residual: residual, offsets: outputOffsets, rows: rows, width: width)
    if width > lanes {
      tileOfTwoVectors(x, inputOffsets, rows, runs, filters, &store)
    } else {
      tileOfOneVector(x, inputOffsets, rows, runs, filters, &store)
    }
  }
}

/// Writes finished rows of a tile, adding the residual.
struct TileStore {
  let y: UnsafeMutablePointer<Float>
  let residual: UnsafePointer<Float>?
  let offsets: UnsafePointer<Int32>
  let rows: Int
  let width: Int

  /// Writes one vector of row `row`, starting at channel `channel` of the panel.
  @inline(__always)
  func put(_ value: Vector, row: Int, channel: Int) {
    if row >= rows { return }
    let at = Int(offsets[row]) + channel
    if channel + lanes <= width {
      store(residual.map { load($0 + at) + value } ?? value, y + at)
    } else {
      for lane in 0..<max(0, width - channel) { y[at + lane] = (residual.map { $0[at + lane] } ?? 0) + value[lane] }
    }
  }
}
