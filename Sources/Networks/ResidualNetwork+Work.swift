// What a residual network multiplies and normalises, and what it takes in memory: the formulas of what `reserve` allocates.

import Kernels
import Tensors

extension ResidualNetwork {
  var work: [Operation] {
    [Operation(.convolution(stem.geometry))]
      + blocks.flatMap(\.work).map {
        Operation(.convolution($0.layer.geometry), isBehindNormalisation: $0.isBehindNormalisation)
      }
      + [Operation(.linear(inputs: lastMap.c, outputs: classCount, rows: 1))]
  }

  var reducedFlops: Int { allConvolutions.filter(\.isReduced).reduce(0) { $0 + $1.geometry.flops } }

  var normalisations: [NormalisedMap] { norms.map(\.map) }

  /// Floats of the largest map between two blocks, for one image.
  var largestMap: Int { (blocks.map(\.input) + [lastMap]).map(\.imageCount).max() ?? 0 }
  /// Floats of the gradients inside a block, for one image.
  var largestInside: Int { blocks.map { Self.count($0.inside) }.max() ?? 0 }

  private static func count(_ maps: [Shape]) -> Int { maps.reduce(0) { $0 + $1.imageCount } }

  func memory(shardSize: Int) -> NetworkMemory {
    let maps = Self.count(blocks.map(\.input) + [lastMap] + blocks.flatMap(\.kept))
    // Two buffers of Doubles an image for every normalisation.
    let parts = 2 * 2 * normalisedChannels.reduce(0) { $0 + Moments.width($1) }
    let head = 2 * lastMap.c + classCount
    let pixels = 3 * configuration.height * configuration.width
    let layers = allConvolutions
    return NetworkMemory(
      image: maps + 2 * largestMap + largestInside + pixels + head + parts,
      packed: layers.reduce(0) { $0 + $1.packedCount },
      thread: layers.map(\.scratchCount).max()! + layers.map(\.workspaceCount).max()!,
      shard: layers.map { $0.weightInputCount(shardSize: shardSize) }.max()!
        + layers.map(\.weightWorkspaceCount).max()!,
      sharedImage: layers.map { $0.tileCount * ($0.geometry.outputPixels / 16) }.max()!,
      sharedThread: layers.map { $0.tileCount * Engine.tilesPerThread }.max()!)
  }
}
