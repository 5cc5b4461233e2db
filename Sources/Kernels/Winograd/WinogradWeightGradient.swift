// The weight gradient of a 3x3 convolution of stride 1 in the domain of F(4x4, 3x3).
//
// From Y = Aᵀ[(G g Gᵀ) ⊙ (Bᵀ d B)]A follows, tile by tile,
//
//   dg = Gᵀ [ Σ_tiles (A dY Aᵀ) ⊙ (Bᵀ d B) ] G,
//
// and the sum is a matrix product over tiles for each of the 36 frequencies:  [C x tiles] · [tiles x O] -> [C x O].

import Parallelism

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
///
/// A shard with more tiles than a block is taken block by block, shards with fewer several in one block. A region of dw,
/// a few input channels by a panel of output channels, is multiplied at all frequencies and transformed shard by shard, while
/// the near caches have its sums.
package struct WinogradWeightGradient: WeightGradientProgram {
  private let geometry: ConvolutionGeometry
  private let tilesDown: Int, tilesAcross: Int
  /// Tiles that are transformed before they are multiplied.
  private let blockTiles = 64
  private let product: MatrixProduct
  /// Where a tile's channels begin among those of a block.
  private let inputOffsets: [Int32], outputOffsets: [Int32]
  private var c: Int { geometry.inputChannels }
  private var o: Int { geometry.outputChannels }

  /// nil where the geometry is not one of 4x4 blocks of whole vectors.
  package init?(_ g: ConvolutionGeometry, product: MatrixProduct = .swift) {
    guard WinogradProgram.fits(g) else { return nil }
    self.product = product
    geometry = g
    tilesDown = g.height / 4
    tilesAcross = g.width / 4
    inputOffsets = (0..<blockTiles).map { Int32($0 * g.inputChannels) }
    outputOffsets = (0..<blockTiles).map { Int32($0 * g.outputChannels) }
  }

  private var tilesPerImage: Int { tilesDown * tilesAcross }
  package var imagesAtOnce: Int { max(1, blockTiles / tilesPerImage) }

  /// Floats between the frequencies of a block; an odd number of cache lines beyond the block.
  private func stride(_ channels: Int) -> Int { blockTiles * channels + 16 }
  /// Input and output channels of a region: a tile of the matrix kernels.
  private var regionRows: Int { tileRows }
  private var regionWidth: Int { panelWidth }
  /// Floats between the frequencies of a region's sums; one cache line beyond them.
  private var sumStride: Int { regionRows * regionWidth + 16 }
  /// Floats of a region of dw.
  private var regionCount: Int { 9 * regionRows * regionWidth }
  private var regionsDown: Int { (c + regionRows - 1) / regionRows }
  private var regionsAcross: Int { (o + regionWidth - 1) / regionWidth }
  /// Threads take groups of regions, each group with memory of its own.
  private var groups: Int { min(32, regionsDown * regionsAcross) }
  private var groupCount: Int { 36 * sumStride + places * regionCount }
  package var algorithm: String { "winograd" }
  package var multiplicationShare: Double { 36 / 144 }
  package var workspaceCount: Int { 36 * (stride(c) + stride(o)) + groups * groupCount }

  package func run(
    input: UnsafePointer<Float>, inputStride: Int, dy: UnsafePointer<Float>, dyStride: Int,
    dw: UnsafeMutablePointer<Float>, images: Int, shardSize: Int, workspace: UnsafeMutablePointer<Float>,
    forEach: (_ count: Int, _ body: (Int) -> Void) -> Void
  ) {
    let v = workspace
    let u = v + 36 * stride(c)
    let shardTiles = min(images, shardSize) * tilesPerImage
    var first = 0
    while first < images * tilesPerImage {
      let count = min(blockTiles, images * tilesPerImage - first)
      forEach(count) { t in
        let (image, tile) = (first + t).quotientAndRemainder(dividingBy: tilesPerImage)
        let (row, column) = tile.quotientAndRemainder(dividingBy: tilesAcross)
        WinogradTransform.inputTile(
          input + (image * inputStride + (row * 4 * (geometry.width + 2) + column * 4) * c),
          rowStride: (geometry.width + 2) * c, channels: c, into: v + t * c, stride: stride(c),
          as: Float32Tile.self)
        outputGradientTile(dy + (image * dyStride + (row * 4 * geometry.width + column * 4) * o), u + t * o)
      }
      forEach(groups) { group in
        let sums = u + (36 * stride(o) + group * groupCount)
        let regions = regionsDown * regionsAcross
        for region in regions * group / groups..<regions * (group + 1) / groups {
          let (across, down) = region.quotientAndRemainder(dividingBy: regionsDown)
          addRegion(
            down * regionRows, across * regionWidth, v, u, tiles: count, shardTiles: shardTiles, sums, dw,
            adding: first > 0)
        }
      }
      first += count
    }
  }

  /// dw = or += the sum over the shards of a block, for the region that begins with the channels k and n.
  private func addRegion(
    _ k: Int, _ n: Int, _ v: UnsafePointer<Float>, _ u: UnsafePointer<Float>, tiles: Int, shardTiles: Int,
    _ sums: UnsafeMutablePointer<Float>, _ dw: UnsafeMutablePointer<Float>, adding: Bool
  ) {
    let (rows, width) = (min(regionRows, c - k), min(regionWidth, o - n))
    let parts = sums + 36 * sumStride
    SummationTree.accumulate(
      (tiles + shardTiles - 1) / shardTiles,
      leaf: { shard, place in
        let first = shard * shardTiles
        multiply(
          v + (first * c + k), u + (first * o + n), sums, rows: rows, width: width,
          tiles: min(shardTiles, tiles - first))
        for row in 0..<rows {
          filters(sums + row * regionWidth, parts + (place * regionCount + row * regionWidth), width)
        }
      }, add: { Elementwise.add(parts + $0 * regionCount, parts + $1 * regionCount, count: regionCount) })
    for tap in 0..<9 {
      for row in 0..<rows {
        let from = parts + (tap * regionRows + row) * regionWidth
        let out = dw + ((tap * c + k + row) * o + n)
        if adding {
          Elementwise.add(out, from, count: width)
        } else {
          out.update(from: from, count: width)
        }
      }
    }
  }

  /// A dY Aᵀ of one tile, all channels; the 24 vectors between stay in registers.
  private func outputGradientTile(_ dy: UnsafePointer<Float>, _ u: UnsafeMutablePointer<Float>) {
    let rowStride = geometry.width * o
    let step = stride(o)
    var k = 0
    while k < o {
      @inline(__always)
      func column(_ j: Int) -> (Vector, Vector, Vector, Vector, Vector, Vector) {
        let p = dy + (j * o + k)
        return WinogradTransform.outputTransposed(
          load(p), load(p + rowStride), load(p + 2 * rowStride), load(p + 3 * rowStride))
      }
      @inline(__always)
      func put(_ i: Int, _ t0: Vector, _ t1: Vector, _ t2: Vector, _ t3: Vector) {
        let r = WinogradTransform.outputTransposed(t0, t1, t2, t3)
        let out = u + (6 * i * step + k)
        store(r.0, out)
        store(r.1, out + step)
        store(r.2, out + 2 * step)
        store(r.3, out + 3 * step)
        store(r.4, out + 4 * step)
        store(r.5, out + 5 * step)
      }
      let (t0, t1, t2, t3) = (column(0), column(1), column(2), column(3))
      put(0, t0.0, t1.0, t2.0, t3.0)
      put(1, t0.1, t1.1, t2.1, t3.1)
      put(2, t0.2, t1.2, t2.2, t3.2)
      put(3, t0.3, t1.3, t2.3, t3.3)
      put(4, t0.4, t1.4, t2.4, t3.4)
      put(5, t0.5, t1.5, t2.5, t3.5)
      k += lanes
    }
  }

  /// sums (rows, width) = Vᵀ [rows x tiles] · U [tiles x width] for each frequency.
  private func multiply(
    _ v: UnsafePointer<Float>, _ u: UnsafePointer<Float>, _ sums: UnsafeMutablePointer<Float>, rows: Int, width: Int,
    tiles: Int
  ) {
    inputOffsets.withUnsafeBufferPointer { inputOffsets in
      outputOffsets.withUnsafeBufferPointer { outputOffsets in
        let inputOffsets = UnsafeBufferPointer(rebasing: inputOffsets[..<tiles])
        let outputOffsets = UnsafeBufferPointer(rebasing: outputOffsets[..<tiles])
        for f in 0..<36 {
          let (v, u, sums) = (v + f * stride(c), u + f * stride(o), sums + f * sumStride)
          let out = WeightTileStore(sums: sums, stride: regionWidth, rows: rows, width: width, adding: false)
          if product == .openblas {
            OpenBLAS.multiplyTransposed(v, c, u, o, into: sums, regionWidth, m: rows, n: width, k: tiles)
          } else if width > lanes {
            weightTileOfTwoVectors(v, u, inputOffsets, outputOffsets, out)
          } else {
            weightTileOfOneVector(v, u, inputOffsets, outputOffsets, out)
          }
        }
      }
    }
  }

  /// Gᵀ S G for one input channel and the output channels of a region; the 18 vectors between stay in registers.
  private func filters(_ sums: UnsafePointer<Float>, _ dw: UnsafeMutablePointer<Float>, _ width: Int) {
    let step = regionRows * regionWidth
    var k = 0
    while k < width {
      @inline(__always)
      func column(_ j: Int) -> (Vector, Vector, Vector) {
        let p = sums + (j * sumStride + k)
        return WinogradTransform.filterTransposed(
          load(p), load(p + 6 * sumStride), load(p + 12 * sumStride), load(p + 18 * sumStride),
          load(p + 24 * sumStride), load(p + 30 * sumStride))
      }
      @inline(__always)
      func put(_ i: Int, _ t0: Vector, _ t1: Vector, _ t2: Vector, _ t3: Vector, _ t4: Vector, _ t5: Vector) {
        let r = WinogradTransform.filterTransposed(t0, t1, t2, t3, t4, t5)
        let out = dw + (3 * i * step + k)
        store(r.0, out)
        store(r.1, out + step)
        store(r.2, out + 2 * step)
      }
      let (t0, t1, t2, t3, t4, t5) = (column(0), column(1), column(2), column(3), column(4), column(5))
      put(0, t0.0, t1.0, t2.0, t3.0, t4.0, t5.0)
      put(1, t0.1, t1.1, t2.1, t3.1, t4.1, t5.1)
      put(2, t0.2, t1.2, t2.2, t3.2, t4.2, t5.2)
      k += lanes
    }
  }
}
