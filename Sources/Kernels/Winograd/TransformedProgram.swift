// A convolution by products of transformed values, in three steps that threads may share:
//
//   V = transformed inputs of some tiles;   M[f] = V[f] · U[f] for each frequency f;   outputs = transform of M.
//
// Deep layers have filters of tens of megabytes and few tiles an image: where each thread multiplies tiles of its own, each
// reads all filters. Where all threads multiply the tiles of all, each for other frequencies and panels of channels, every
// packed value is read once. The bits are the same: an output's sum is one chain over the channels in either.

/// Where the transformed values of some tiles stand.
package struct TileBlock {
  /// For each product, `inputStride` apart, tiles of the channels summed over.
  let v: UnsafeMutablePointer<Float>
  /// For each product, `outputStride` apart, tiles of the channels written.
  let m: UnsafeMutablePointer<Float>
  let inputStride: Int, outputStride: Int

  /// A block for at most so many tiles, whose inputs are numbers of `arithmetic`.
  init(
    _ memory: UnsafeMutablePointer<Float>, tiles: Int, products: Int, depth: Int, channels: Int,
    _ arithmetic: TileArithmetic
  ) {
    inputStride = Self.stride(tiles, arithmetic.floats(depth))
    outputStride = Self.stride(tiles, channels)
    v = memory
    m = memory + products * inputStride
  }

  /// Floats of a block.
  static func count(tiles: Int, products: Int, depth: Int, channels: Int, _ arithmetic: TileArithmetic) -> Int {
    products * (stride(tiles, arithmetic.floats(depth)) + stride(tiles, channels))
  }

  /// Calls `body` with a number of channels and the distance of its products, `stride`: as constants where there are 16 or 32
  /// channels in a block of 32 tiles.
  ///
  /// Then the addresses of 36 products are part of the instructions. Made for two vectors of channels only, they would take as long
  /// as the transform.
  @inline(__always)
  static func withConstants(_ channels: Int, _ stride: Int, _ body: (_ channels: Int, _ stride: Int) -> Void) {
    if channels == 16 && stride == 32 * 16 + 16 {
      body(16, 32 * 16 + 16)
    } else if channels == 32 && stride == 32 * 32 + 16 {
      body(32, 32 * 32 + 16)
    } else {
      body(channels, stride)
    }
  }

  /// Floats between products: an odd number of cache lines beyond the tiles, so that dozens of streams do not fall into one
  /// set of the cache. There is room for whole products by OpenBLAS and by a matrix unit.
  private static func stride(_ tiles: Int, _ channels: Int) -> Int {
    (tiles + MatrixProduct.rows - 1) / MatrixProduct.rows * MatrixProduct.rows * channels + 16
  }
}

/// A convolution in one direction by products of transformed values.
package protocol TransformedProgram: ImageProgram {
  /// Matrix products of a tile.
  var products: Int { get }
  /// Tiles of an image: 4x4 blocks of what the convolution writes forward.
  var imageTiles: Int { get }
  /// Channels summed over, and channels written.
  var depth: Int { get }
  var channels: Int { get }
  /// How they are multiplied.
  var arithmetic: TileArithmetic { get }

  /// Transforms a padded image into the block's tiles from `tile` on.
  func transformInput(_ image: UnsafePointer<Float>, into block: TileBlock, at tile: Int)

  /// Writes a dense image from the block's tiles from `tile` on.
  ///
  /// - Parameter residual: a dense image that is added; may be the output itself.
  func transformOutput(
    _ block: TileBlock, at tile: Int, into image: UnsafeMutablePointer<Float>, residual: UnsafePointer<Float>?)
}

extension TransformedProgram {
  /// Pieces into which the products fall: a panel of channels of a frequency each.
  package var pieces: Int { products * panelCount }

  /// Floats of a block of so many images.
  package func blockCount(images: Int) -> Int {
    TileBlock.count(tiles: images * imageTiles, products: products, depth: depth, channels: channels, arithmetic)
  }

  /// A block of so many images in `memory`, which is on a cache line.
  package func block(_ memory: UnsafeMutablePointer<Float>, images: Int) -> TileBlock {
    TileBlock(memory, tiles: images * imageTiles, products: products, depth: depth, channels: channels, arithmetic)
  }

  /// Multiplies some pieces of a block.
  package func multiply(_ pieces: Range<Int>, _ block: TileBlock, packed: UnsafePointer<Float>, images: Int) {
    var ahead = FetchAhead()
    TileProducts.multiply(
      block, packed, pieces, depth: depth, channels: channels, tiles: images * imageTiles, by: arithmetic,
      ahead: &ahead)
  }
}
