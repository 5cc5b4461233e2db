// Packing of the filters of a transformed convolution: for each frequency f and each panel of output channels the rows
// of the sum, one after another.
//
//   packed[f, panel, k, n] = (transform of the 3x3 filter of channels k and n)[f]
//
// A block of `lanes` rows is made in scratch memory and copied from there, frequency by frequency: written in place, the
// rows of all frequencies lie powers of two apart and push each other out of the cache. Backward, where the vector runs
// over the filter's input channels, a block is transposed on its way in.

import CVector

/// How the 3x3 filters (kh, kw, I, O) of a transformed convolution are packed, for one direction.
struct TransformedFilters: Sendable {
  let inputChannels: Int, outputChannels: Int
  /// Whether the sum runs over output channels.
  let isGradient: Bool
  /// Products of a tile.
  let frequencies: Int
  /// How they are multiplied.
  let arithmetic: TileArithmetic

  /// Channels summed over, and channels written; both whole vectors.
  var depth: Int { isGradient ? outputChannels : inputChannels }
  var channels: Int { isGradient ? inputChannels : outputChannels }
  var panelCount: Int { (channels + panelWidth - 1) / panelWidth }
  var panelFloats: Int { arithmetic.floats(depth * panelWidth) }
  var packedCount: Int { frequencies * panelCount * panelFloats }

  private var blockFloats: Int { lanes * panelWidth }
  /// Floats between the frequencies of a block: one cache line beyond it.
  private var blockStride: Int { blockFloats + 16 }
  /// Floats of scratch memory that `pack` needs.
  var scratchCount: Int { 9 * lanes * lanes + frequencies * blockStride }

  /// Packs one panel.
  ///
  /// - Parameters:
  ///   - scratch: `scratchCount` Floats on a cache line.
  ///   - transform: writes all frequencies, `stride` Floats apart, of the filter whose tap (i, j) is
  ///     `taps[(3i + j) · lanes]`.
  @inline(__always)
  func pack(
    _ filters: UnsafePointer<Float>, into packed: UnsafeMutablePointer<Float>, panel: Int,
    scratch: UnsafeMutablePointer<Float>,
    transform: (_ taps: UnsafePointer<Vector>, _ out: UnsafeMutablePointer<Float>, _ stride: Int) -> Void
  ) {
    let taps = scratch
    let block = scratch + 9 * lanes * lanes
    var k = 0
    while k < depth {
      for half in 0..<2 {
        let first = panel * panelWidth + half * lanes
        if first >= channels {
          for f in 0..<frequencies {
            for row in 0..<lanes { store(.zero, block + (f * blockStride + row * panelWidth + half * lanes)) }
          }
          continue
        }
        loadTaps(filters, k, first, taps)
        let vectors = UnsafeRawPointer(taps).assumingMemoryBound(to: Vector.self)
        for row in 0..<lanes { transform(vectors + row, block + (row * panelWidth + half * lanes), blockStride) }
      }
      for f in 0..<frequencies {
        let from = block + f * blockStride
        let out = packed + ((f * panelCount + panel) * panelFloats + arithmetic.floats(k * panelWidth))
        switch arithmetic {
        case .float32: for i in Swift.stride(from: 0, to: blockFloats, by: lanes) { stream(load(from + i), out + i) }
        case .bfloat16: streamPairs(from, out)
        }
      }
      k += lanes
    }
    vector_fence()
  }

  /// Writes a block's rows as bfloat16: two of them as one of pairs.
  private func streamPairs(_ block: UnsafePointer<Float>, _ out: UnsafeMutablePointer<Float>) {
    for pair in 0..<lanes / 2 {
      let rows = block + 2 * pair * panelWidth
      for i in Swift.stride(from: 0, to: panelWidth, by: lanes) {
        stream(BFloat16.pairs(load(rows + i), load(rows + (panelWidth + i))), out + (pair * panelWidth + i))
      }
    }
  }

  /// The taps of `lanes` rows from k on: for each tap and row a vector over the output channels from `first` on.
  private func loadTaps(
    _ filters: UnsafePointer<Float>, _ k: Int, _ first: Int, _ taps: UnsafeMutablePointer<Float>
  ) {
    for tap in 0..<9 {
      let source = filters + tap * inputChannels * outputChannels
      let target = taps + tap * lanes * lanes
      if isGradient {
        for lane in 0..<lanes {
          let row = source + ((first + lane) * outputChannels + k)
          for i in 0..<lanes { target[i * lanes + lane] = row[i] }
        }
      } else {
        for row in 0..<lanes {
          store(load(source + ((k + row) * outputChannels + first)), target + row * lanes)
        }
      }
    }
  }
}
