// How many bytes of packed filters a rank reads in a pass: the one place where that is counted.
//
// A layer's filters are read from their beginning to their end for each group of images that goes through it. Of n images on
// T threads, at most g a group, there are
//
//   G(n, T, g) = min(n, ⌈⌈n / g⌉ / T⌉ · T)
//
// groups (`Engine.forEachGroup`): as many as threads where images are few, so that every thread reads all filters. Where threads
// share the panels of a layer instead, each value is read once, however many threads there are.

/// Who reads the packed filters of a layer.
package enum FilterReading: Equatable, Sendable {
  /// Every group of images all of them.
  case everyGroup
  /// The threads of a rank together once, in layers in which a thread would have fewer than so many tiles; else every group.
  case onceWhereFew(tiles: Int)

  /// What the engine does.
  package static let ofEngine = FilterReading.everyGroup

  /// How often a layer's filters are read in a pass of `images` images on `threads` threads.
  package func readings(_ layer: FilterLayer, images: Int, threads: Int) -> Int {
    guard images > 0 else { return 0 }
    if case .onceWhereFew(let least) = self, threads > 1,
      Double(images) * Double(layer.tiles) < Double(least) * Double(threads)
    {
      return 1
    }
    let groups = (images + layer.groupImages - 1) / layer.groupImages
    return min(images, (groups + threads - 1) / threads * threads)
  }

  /// Bytes that a rank reads for a forward pass and an input gradient of all layers.
  package func bytes(_ layers: [FilterLayer], images: Int, threads: Int) -> Double {
    layers.reduce(0) { sum, layer in
      let readings = readings(layer, images: images, threads: threads)
      return sum + Double(readings) * Double(layer.count) * Double(layer.forwardBytes + layer.gradientBytes)
    }
  }
}

/// Convolutions of one kind: how many, and the filters of each as they lie packed.
package struct FilterLayer: Codable, Equatable, Sendable {
  package let count: Int
  /// Rows of the matrix products of an image: 4x4 blocks of a transformed convolution, else pixels.
  package let tiles: Int
  /// The most images that go through together.
  package let groupImages: Int
  /// Of one convolution, for the forward pass and for the input gradient.
  package let forwardBytes: Int, gradientBytes: Int

  package init(count: Int, tiles: Int, groupImages: Int, forwardBytes: Int, gradientBytes: Int) {
    self.count = count
    self.tiles = tiles
    self.groupImages = groupImages
    self.forwardBytes = forwardBytes
    self.gradientBytes = gradientBytes
  }
}
