// The input gradient of a 3x3 convolution of stride 1 with few input channels, such as a network's first on images.
//
//   m[q, (i, j, c)] = Σ_o dy[q, o] · w[i, j, c, o]              one matrix product:  [pixels x O] · [O x 9C]
//   dx[p, c] = Σ_ij m[p + (1 − i, 1 − j), (i, j, c)]
//
// Sums over taps fill C lanes of a vector; nine taps side by side fill whole vectors. It is the transpose of im2col
// (Chellapilla, Puri, Simard: High performance convolutional neural networks for document processing. IWFHR 2006), one
// row of pixels at a time: three rows of products stay in the first-level cache.
//
// A pixel's products are summed in the order of the channels and added up in the order of dy's pixels, whatever stands
// beside them, so an image's bits depend on the image alone.

/// dx of a convolution whose input channels fill at most half a vector, by one matrix product a row and sums of nine.
package struct FewChannelGradient: ImageProgram {
  private let height: Int, width: Int
  /// Of dx, and of dy.
  private let channels: Int, depth: Int
  /// Products of a pixel: nine taps of `channels`, and zeros up to a whole vector.
  private let columns: Int

  /// nil where the convolution is another, or sums over taps fill more than half of a vector.
  package init?(_ g: ConvolutionGeometry) {
    guard g.kernel == 3, g.stride == 1, 2 * g.inputChannels <= lanes else { return nil }
    (height, width) = (g.height, g.width)
    (channels, depth) = (g.inputChannels, g.outputChannels)
    columns = (9 * channels + lanes - 1) / lanes * lanes
  }

  package var algorithm: String { "direct" }
  package var multiplicationShare: Double { 1 }
  package var panelCount: Int { (columns + panelWidth - 1) / panelWidth }
  package var packedCount: Int { panelCount * panelWidth * depth }

  /// A row's products with a frame of one pixel.
  private var rowCount: Int { (width + 2) * columns }
  /// Three rows of products, and one of zeros for those beyond the image.
  package var workspaceCount: Int { 4 * rowCount }

  package func pack(
    _ filters: UnsafePointer<Float>, into packed: UnsafeMutablePointer<Float>, panel: Int,
    workspace: UnsafeMutablePointer<Float>
  ) {
    let first = panel * panelWidth
    let width = min(panelWidth, 9 * channels - first)
    var out = packed + first * depth
    for o in 0..<depth {
      for n in 0..<width { out[n] = filters[(first + n) * depth + o] }
      for n in width..<panelWidth { out[n] = 0 }
      out += panelWidth
    }
  }

  package func run(
    input: UnsafePointer<Float>, inputStride: Int, packed: UnsafePointer<Float>,
    output: UnsafeMutablePointer<Float>, outputStride: Int, residual: UnsafePointer<Float>?, images: Int,
    workspace: UnsafeMutablePointer<Float>, ahead: FetchAhead
  ) {
    var ahead = ahead
    ahead.spread(over: images * height * TileProducts.steps(products: 1, channels: columns, tiles: width))
    workspace.update(repeating: 0, count: workspaceCount)
    func products(_ y: Int) -> UnsafeMutablePointer<Float> {
      workspace + (y < 0 || y == height ? 3 : y % 3) * rowCount
    }
    for image in 0..<images {
      let dy = input + image * inputStride
      for next in 0...height {
        if next < height {
          for panel in 0..<panelCount {
            TileProducts.multiply(
              dy + ((next + 1) * (width + 2) + 1) * depth, packed + panel * depth * panelWidth, panel: panel,
              into: products(next) + columns, depth: depth, channels: columns, tiles: width, by: .swift, ahead: &ahead)
          }
        }
        if next > 0 {
          let y = next - 1
          let row = image * outputStride + y * width * channels
          addUp(products(y - 1), products(y), products(next), into: output + row, residual: residual.map { $0 + row })
        }
      }
    }
  }

  /// One row of dx, from the products of the rows above, here and below.
  private func addUp(
    _ above: UnsafePointer<Float>, _ here: UnsafePointer<Float>, _ below: UnsafePointer<Float>,
    into out: UnsafeMutablePointer<Float>, residual: UnsafePointer<Float>?
  ) {
    /// The right tap of the pixel to the left, the middle tap of the one in the middle, the left tap of the one to the right.
    @inline(__always) func three(_ row: UnsafePointer<Float>, _ tapRow: Int, _ at: Int) -> SIMD4<Float> {
      let p = UnsafeRawPointer(row + (at + (3 * tapRow + 2) * channels))
      let step = (columns - channels) * MemoryLayout<Float>.size
      return p.loadUnaligned(as: SIMD4<Float>.self) + p.loadUnaligned(fromByteOffset: step, as: SIMD4<Float>.self)
        + p.loadUnaligned(fromByteOffset: 2 * step, as: SIMD4<Float>.self)
    }
    for x in 0..<width {
      for c in stride(from: 0, to: channels, by: 4) {
        let at = x * columns + c
        // Four channels are always there to read: 9C rounded up to vectors holds 8C and C rounded up to fours.
        let sum = three(above, 2, at) + three(here, 1, at) + three(below, 0, at)
        let to = x * channels + c
        for lane in 0..<4 where c + lane < channels {
          out[to + lane] = (residual.map { $0[to + lane] } ?? 0) + sum[lane]
        }
      }
    }
  }
}
