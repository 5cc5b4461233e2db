// A convolution, in either direction, as sums over taps of a padded image.
//
//   out[p, n] = Σ_runs Σ_k  in[offset(p) + run.offset + k] · B[run, k, n]
//
// In a padded NHWC image the taps of one kernel row are contiguous, so a run is a whole kernel row: 3C values of a 3x3
// filter, C of a 1x1. Forward is one program. The input gradient at stride 1 is the same program on the padded output
// gradient with the filter turned round; at stride 2 it is four, one for each parity of the input pixel, because
//
//   dx[p] = Σ_i dy[(p + 1 − i) / 2] · w[i]     over those i in 0..<3 that make the index whole:
//   p = 2m:     i = 1 from dy[m]               p = 2m + 1:  i = 2 from dy[m],  i = 0 from dy[m + 1].
//
// The order of the sum is fixed by the geometry alone; hence an output's bits do not depend on the rows beside it.

/// Sums over runs of a padded image, for a grid of output pixels.
package struct TapProgram: Sendable {
  /// Where each run starts, relative to a pixel, and how many values it has.
  struct Run: Sendable {
    var offset: Int
    var length: Int
  }

  let runs: [Run]
  /// For each output pixel: where its window starts in a padded input image, and where it lies in an output image.
  let inputOffsets: [Int32]
  let outputOffsets: [Int32]
  /// For each k of all runs: where the filter value for output channel 0 lies in the (kh, kw, I, O) filter; the value
  /// for channel n lies `filterStride · n` further.
  let filterOffsets: [Int32]
  let filterStride: Int
  /// Output channels.
  let channels: Int
  /// Length of the sum: values of all runs.
  var depth: Int { filterOffsets.count }

  /// Floats that the packed filters take.
  package var packedCount: Int { (channels + panelWidth - 1) / panelWidth * panelWidth * depth }

  /// y = w ∗ x on an input padded by one pixel.
  package static func forward(_ g: ConvolutionGeometry) -> TapProgram {
    let c = g.inputChannels
    let rowStride = (g.width + 2) * c
    // A 1x1 filter reads the pixel itself, which the border moved by one row and one column.
    let first = g.kernel == 1 ? rowStride + c : 0
    return TapProgram(
      runs: (0..<g.kernel).map { Run(offset: first + $0 * rowStride, length: g.kernel * c) },
      inputOffsets: grid(g.outputHeight, g.outputWidth, rowStride * g.stride, c * g.stride),
      outputOffsets: grid(g.outputHeight, g.outputWidth, g.outputWidth * g.outputChannels, g.outputChannels),
      filterOffsets: (0..<g.kernel * g.kernel * c).map { Int32($0 * g.outputChannels) },
      filterStride: 1, channels: g.outputChannels)
  }

  /// dx = wᵀ ∗ dy on an output gradient padded by one pixel: one program for each parity of the input pixel that is
  /// reached; a 1x1 convolution of stride 2 reaches only the even pixels.
  package static func inputGradient(_ g: ConvolutionGeometry) -> [TapProgram] {
    let o = g.outputChannels
    let rowStride = (g.outputWidth + 2) * o
    /// For a parity: the first padded row (or column) of dy that is read, and the filter row for each.
    func taps(_ parity: Int) -> (first: Int, filter: [Int]) {
      switch (g.kernel, g.stride, parity) {
      case (1, _, _): (1, [0])
      case (_, 1, _): (0, [2, 1, 0])
      case (_, _, 0): (1, [1])
      default: (1, [2, 0])
      }
    }
    let parities = g.stride == 1 || g.kernel == 1 ? [0] : [0, 1]
    return parities.flatMap { a in
      parities.map { b in
        let (firstRow, rows) = taps(a)
        let (firstColumn, columns) = taps(b)
        var filterOffsets: [Int32] = []
        for i in rows {
          for j in columns {
            let tap = (i * g.kernel + j) * g.inputChannels * o
            filterOffsets += (0..<o).map { Int32(tap + $0) }
          }
        }
        let pixelStride = g.stride * g.inputChannels
        let base = Int32((a * g.width + b) * g.inputChannels)
        return TapProgram(
          runs: rows.indices.map {
            Run(offset: (firstRow + $0) * rowStride + firstColumn * o, length: columns.count * o)
          },
          inputOffsets: grid(g.outputHeight, g.outputWidth, rowStride, o),
          outputOffsets: grid(g.outputHeight, g.outputWidth, g.width * pixelStride, pixelStride).map { $0 + base },
          filterOffsets: filterOffsets, filterStride: o, channels: g.inputChannels)
      }
    }
  }

  private static func grid(_ h: Int, _ w: Int, _ rowStride: Int, _ columnStride: Int) -> [Int32] {
    (0..<h).flatMap { y in (0..<w).map { x in Int32(y * rowStride + x * columnStride) } }
  }

  /// Packs (kh, kw, I, O) filters for this program: panels of `panelWidth` output channels, in each the `depth` rows of
  /// the sum one after another; channels beyond the last are zero.
  package func pack(
    _ filters: UnsafePointer<Float>, into packed: UnsafeMutablePointer<Float>, panel: Int,
    workspace: UnsafeMutablePointer<Float>
  ) {
    let first = panel * panelWidth
    let width = min(panelWidth, channels - first)
    var out = packed + panel * panelWidth * depth
    for offset in filterOffsets {
      let source = filters + Int(offset) + first * filterStride
      for n in 0..<width { out[n] = source[n * filterStride] }
      for n in width..<panelWidth { out[n] = 0 }
      out += panelWidth
    }
  }

  /// Panels of output channels.
  package var panelCount: Int { (channels + panelWidth - 1) / panelWidth }
}
