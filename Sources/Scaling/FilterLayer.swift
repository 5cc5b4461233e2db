// How many bytes of packed filters a rank reads in a pass: the rule of Networks/Layers/SharedProducts.swift as a formula.
//
// Of n images on T threads, at most g in a group, each group reads all filters of the layer: there are
//
//   G(n, T, g) = min(n, ⌈⌈n / g⌉ / T⌉ · T)
//
// groups, as many as threads where images are few. Transformed layers of maps of up to 64 pixels, and those of which all threads
// together have at most 64 tiles a thread, are shared by several threads: filters are read once for each 64·T tiles.

/// Convolutions of one kind: how many, and the filters of each as they lie packed.
package struct FilterLayer: Codable, Equatable, Sendable {
  package let count: Int
  /// Rows of the matrix products of an image: 4x4 blocks of a transformed convolution, else pixels.
  package let tiles: Int
  /// Whether it is transformed, so that threads may share it.
  package let isTransformed: Bool
  /// The most images that go through together.
  package let groupImages: Int
  /// Of one convolution, for the forward pass and for the input gradient.
  package let forwardBytes: Int, gradientBytes: Int

  package init(
    count: Int, tiles: Int, isTransformed: Bool, groupImages: Int, forwardBytes: Int, gradientBytes: Int
  ) {
    self.count = count
    self.tiles = tiles
    self.isTransformed = isTransformed
    self.groupImages = groupImages
    self.forwardBytes = forwardBytes
    self.gradientBytes = gradientBytes
  }

  private static var tilesPerThread: Int { 64 }
  /// Tiles of a map of 64 pixels.
  private static var deepTiles: Int { 4 }

  /// How often its filters are read in a pass of `images` images on `threads` threads of a rank.
  package func readings(images: Int, threads: Int) -> Int {
    guard images > 0 else { return 0 }
    let most = Double(Self.tilesPerThread) * Double(threads)
    if threads > 1, isTransformed, tiles <= Self.deepTiles || Double(images) * Double(tiles) <= most {
      let atOnce = max(1, (most / Double(tiles)).rounded(.down))
      return Int((Double(images) / atOnce).rounded(.up))
    }
    let groups = (images + groupImages - 1) / groupImages
    return min(images, (groups + threads - 1) / threads * threads)
  }
}

extension [FilterLayer] {
  /// Bytes that a rank reads for a forward pass and an input gradient of all layers.
  package func bytes(images: Int, threads: Int) -> Double {
    reduce(0) { sum, layer in
      let readings = layer.readings(images: images, threads: threads)
      return sum + Double(readings) * Double(layer.count) * Double(layer.forwardBytes + layer.gradientBytes)
    }
  }
}
