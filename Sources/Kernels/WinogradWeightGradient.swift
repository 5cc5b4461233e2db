// The weight gradient of a 3x3 convolution of stride 1 in the domain of F(4x4, 3x3).
//
// From Y = Aᵀ[(G g Gᵀ) ⊙ (Bᵀ d B)]A follows, tile by tile,
//
//   dg = Gᵀ [ Σ_tiles (A dY Aᵀ) ⊙ (Bᵀ d B) ] G,
//
// and the sum is a matrix product over tiles for each of the 36 frequencies:  [C x tiles] · [tiles x O] -> [C x O].

extension WinogradTransform {
  /// A m: four output gradients to six frequencies.
  @inline(__always)
  static func outputTransposed(
    _ y0: Vector, _ y1: Vector, _ y2: Vector, _ y3: Vector
  ) -> (Vector, Vector, Vector, Vector, Vector, Vector) {
    let even = y0 + y2
    let odd = y1 + y3
    let far = y0.plus(Vector(repeating: 4), times: y2)
    let farOdd = (y1.plus(Vector(repeating: 4), times: y3)) * Vector(repeating: 2)
    return (y0, even + odd, even - odd, far + farOdd, far - farOdd, y3)
  }

  /// Gᵀ u: six frequencies to three taps.
  @inline(__always)
  static func filterTransposed(
    _ u0: Vector, _ u1: Vector, _ u2: Vector, _ u3: Vector, _ u4: Vector, _ u5: Vector
  ) -> (Vector, Vector, Vector) {
    let near = u1 + u2
    let far = u3 + u4
    let sixth = Vector(repeating: -1 / 6)
    return (
      (u0 * Vector(repeating: 0.25)).plus(sixth, times: near).plus(Vector(repeating: 1 / 24), times: far),
      (Vector(repeating: 1 / 12) * (u3 - u4)).plus(sixth, times: u1 - u2),
      u5.plus(sixth, times: near).plus(Vector(repeating: 1 / 6), times: far)
    )
  }
}

/// dw of a 3x3 convolution of stride 1, by F(4x4, 3x3).
package struct WinogradWeightGradient: WeightGradientProgram {
  private let geometry: ConvolutionGeometry
  private let tilesDown: Int, tilesAcross: Int
  /// Tiles that are transformed before they are multiplied.
  private let blockTiles = 64
  private let product: MatrixProduct
  private var c: Int { geometry.inputChannels }
  private var o: Int { geometry.outputChannels }

  /// nil where the geometry is not one of 4x4 blocks of whole vectors.
  package init?(_ g: ConvolutionGeometry, product: MatrixProduct = .swift) {
    guard WinogradProgram.fits(g) else { return nil }
    self.product = product
    geometry = g
    tilesDown = g.height / 4
    tilesAcross = g.width / 4
  }

  /// Floats between the frequencies of a block; an odd number of cache lines beyond the block.
  private func stride(_ channels: Int) -> Int { blockTiles * channels + 16 }
  private var sumStride: Int { c * o + 16 }
  package var algorithm: String { "winograd" }
  package var multiplicationShare: Double { 36 / 144 }
  package var workspaceCount: Int { 36 * (stride(c) + stride(o) + sumStride) }

  package func run(
    input: UnsafePointer<Float>, inputStride: Int, dy: UnsafePointer<Float>, dyStride: Int,
    dw: UnsafeMutablePointer<Float>, images: Int, workspace: UnsafeMutablePointer<Float>,
    forEach: (_ count: Int, _ body: (Int) -> Void) -> Void
  ) {
    let perImage = tilesDown * tilesAcross
    let v = workspace
    let u = v + 36 * stride(c)
    let sums = u + 36 * stride(o)
    var first = 0
    while first < images * perImage {
      let count = min(blockTiles, images * perImage - first)
      forEach(count) { t in
        let (image, tile) = (first + t).quotientAndRemainder(dividingBy: perImage)
        let (row, column) = tile.quotientAndRemainder(dividingBy: tilesAcross)
        WinogradTransform.inputTile(
          input + (image * inputStride + (row * 4 * (geometry.width + 2) + column * 4) * c),
          rowStride: (geometry.width + 2) * c, channels: c, into: v + t * c, stride: stride(c))
        outputGradientTile(
          dy + (image * dyStride + (row * 4 * geometry.width + column * 4) * o), u + t * o)
      }
      forEach(36) { f in multiply(v + f * stride(c), u + f * stride(o), sums + f * sumStride, count, adding: first > 0)
      }
      first += count
    }
    forEach(c) { k in filters(sums + k * o, dw + k * o) }
  }

  /// A dY Aᵀ of one tile, all channels.
  private func outputGradientTile(_ dy: UnsafePointer<Float>, _ u: UnsafeMutablePointer<Float>) {
    let rowStride = geometry.width * o
    let step = stride(o)
    var t = InlineArray<24, Vector>(repeating: .zero)
    var k = 0
    while k < o {
      for j in 0..<4 {
        let p = dy + (j * o + k)
        let r = WinogradTransform.outputTransposed(
          load(p), load(p + rowStride), load(p + 2 * rowStride), load(p + 3 * rowStride))
        t[j] = r.0
        t[4 + j] = r.1
        t[8 + j] = r.2
        t[12 + j] = r.3
        t[16 + j] = r.4
        t[20 + j] = r.5
      }
      for i in 0..<6 {
        let r = WinogradTransform.outputTransposed(t[4 * i], t[4 * i + 1], t[4 * i + 2], t[4 * i + 3])
        let out = u + (6 * i * step + k)
        store(r.0, out)
        store(r.1, out + step)
        store(r.2, out + 2 * step)
        store(r.3, out + 3 * step)
        store(r.4, out + 4 * step)
        store(r.5, out + 5 * step)
      }
      k += lanes
    }
  }

  /// sums (C, O) = or += Vᵀ [C x tiles] · U [tiles x O] for one frequency.
  private func multiply(
    _ v: UnsafePointer<Float>, _ u: UnsafePointer<Float>, _ sums: UnsafeMutablePointer<Float>, _ tiles: Int,
    adding: Bool
  ) {
    guard product == .swift else {
      return OpenBLAS.multiplyTransposed(v, c, u, o, into: sums, o, m: c, n: o, k: tiles, adding: adding)
    }
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: 2 * blockTiles) { offsets in
      for t in 0..<tiles {
        offsets[t] = Int32(t * c)
        offsets[blockTiles + t] = Int32(t * o)
      }
      let inputOffsets = UnsafeBufferPointer(rebasing: offsets[0..<tiles])
      let outputOffsets = UnsafeBufferPointer(rebasing: offsets[blockTiles..<blockTiles + tiles])
      var panel = 0
      while panel < o {
        let width = min(panelWidth, o - panel)
        var k = 0
        while k < c {
          let out = WeightTileStore(
            dw: sums + (k * o + panel), stride: o, rows: min(tileRows, c - k), width: width, adding: adding)
          if width > lanes {
            weightTileOfTwoVectors(v + k, u + panel, inputOffsets, outputOffsets, out)
          } else {
            weightTileOfOneVector(v + k, u + panel, inputOffsets, outputOffsets, out)
          }
          k += tileRows
        }
        panel += panelWidth
      }
    }
  }

  /// Gᵀ S G for one input channel, all output channels.
  private func filters(_ sums: UnsafePointer<Float>, _ dw: UnsafeMutablePointer<Float>) {
    var t = InlineArray<18, Vector>(repeating: .zero)
    var k = 0
    while k < o {
      for j in 0..<6 {
        let p = sums + (j * sumStride + k)
        let r = WinogradTransform.filterTransposed(
          load(p), load(p + 6 * sumStride), load(p + 12 * sumStride), load(p + 18 * sumStride),
          load(p + 24 * sumStride), load(p + 30 * sumStride))
        t[j] = r.0
        t[6 + j] = r.1
        t[12 + j] = r.2
      }
      for i in 0..<3 {
        let s = 6 * i
        let r = WinogradTransform.filterTransposed(t[s], t[s + 1], t[s + 2], t[s + 3], t[s + 4], t[s + 5])
        let out = dw + (3 * i * c * o + k)
        store(r.0, out)
        store(r.1, out + c * o)
        store(r.2, out + 2 * c * o)
      }
      k += lanes
    }
  }
}
