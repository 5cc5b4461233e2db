// What a network of tokens multiplies and normalises, and what it takes in memory: the formulas of what `reserve` allocates.

import Kernels
import Tensors

extension TokenNetwork {
  /// Attention's products between channels and tokens have no weights, and are not counted.
  var work: [Operation] {
    stem.work + blocks.flatMap(\.linears).map { $0.work(tokens: map.h * map.w) }
      + classBlocks.flatMap(\.linears).map { $0.layer.work(tokens: $0.tokens) }
      + [Operation(.linear(inputs: map.c, outputs: classCount, rows: 1))]
  }

  /// Products of tokens are made in Float, and they are nearly all.
  var reducedFlops: Int { 0 }

  var normalisations: [NormalisedMap] { norms.map(\.map) }

  /// Floats of a thread's scratch memory.
  var scratchCount: Int {
    let group = CrossCovarianceBlock.groupSize(tokens: map.h * map.w)
    return max(
      stem.convolutions.map { max($0.scratchCount, $0.output.imageCount) }.max() ?? 0,
      blocks.first?.scratchCount(images: group) ?? 0, classBlocks.map { $0.scratchCount(images: group) }.max() ?? 0)
  }

  var workspaceCount: Int {
    max(stem.convolutions.map(\.workspaceCount).max() ?? 0, blocks.first?.workspaceCount ?? 0, tokens)
  }

  /// Floats for the weight gradients of a shard of so many images: inputs, and workspace.
  func shardCounts(images: Int) -> (inputs: Int, workspace: Int) {
    var (inputs, workspace) = (0, 0)
    for layer in stem.convolutions {
      inputs = max(inputs, layer.weightInputCount(shardSize: images))
      workspace = max(workspace, layer.weightWorkspaceCount)
    }
    let linears = blocks.flatMap(\.linears).map { ($0, tokens - 1) } + classBlocks.flatMap(\.linears)
    for (layer, tokens) in linears {
      inputs = max(inputs, layer.weightInputCount(tokens: images * tokens))
      workspace = max(workspace, layer.weightWorkspaceCount(tokens: images * tokens))
    }
    return (inputs, workspace)
  }

  func memory(shardSize: Int) -> NetworkMemory {
    let patches = map.imageCount
    let all = patches + map.c
    var image = stem.keptCount + stem.gradientCount + (blocks.count + 1) * patches + 2 * patches
    image += blocks.reduce(0) { $0 + $1.keptCount } + classBlocks.reduce(0) { $0 + $1.keptCount }
    image += 4 * all + 3 * map.c + classCount + finalNorm.imageCount
    image += TokenGradients.imageCount(map, heads: heads, drawsPaths: dropPath > 0)
    image += dropPath > 0 ? 3 * blocks.count : 0
    image += ClassGradients.imageCount(tokens: tokens, channels: map.c)
    image += 3 * configuration.height * configuration.width
    // Two buffers of Doubles an image for every normalisation.
    image += 2 * 2 * normalisedChannels.reduce(0) { $0 + Moments.width($1) }
    let shard = shardCounts(images: shardSize)
    return NetworkMemory(
      image: image,
      packed: stem.convolutions.reduce(0) { $0 + $1.packedCount } + blocks.reduce(0) { $0 + $1.packedCount }
        + classBlocks.reduce(0) { $0 + $1.packedCount } + positions.count,
      thread: scratchCount + workspaceCount, shard: shard.inputs + shard.workspace)
  }
}
