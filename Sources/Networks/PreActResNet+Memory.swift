// What PreActResNet multiplies, and what it takes in memory: the formulas of what `init` and `reserve` allocate.

import Kernels
import Tensors

extension PreActResNet {
  package var multiplications: [ConvolutionGeometry] {
    let channels = blocks[blocks.count - 1].conv2.geometry.outputChannels
    return convolutions.map(\.geometry) + [
      ConvolutionGeometry(
        height: 1, width: 1, inputChannels: channels, outputChannels: classCount, kernel: 1, stride: 1)
    ]
  }

  package func memory(shardSize: Int) -> NetworkMemory {
    func inputs(_ layer: ConvolutionLayer) -> Int {
      layer.geometry.height * layer.geometry.width * layer.geometry.inputChannels
    }
    let last = blocks[blocks.count - 1].conv2.geometry
    let x = blocks.map { inputs($0.conv1) } + [last.outputPixels * last.outputChannels]
    let h = blocks.map { inputs($0.conv2) }
    // Two buffers of Doubles an image for every normalisation.
    let parts = 2 * 2 * normalisedChannels.reduce(0) { $0 + Moments.width($1) }
    let head = 2 * last.outputChannels + classCount
    let pixels = 3 * configuration.height * configuration.width
    return NetworkMemory(
      image: x.reduce(0, +) + h.reduce(0, +) + 2 * x.max()! + h.max()! + pixels + head + parts,
      packed: convolutions.reduce(0) { $0 + $1.packedCount },
      thread: convolutions.map(\.scratchCount).max()! + convolutions.map(\.workspaceCount).max()!,
      shard: convolutions.map { $0.weightInputCount(shardSize: shardSize) }.max()!
        + convolutions.map(\.weightWorkspaceCount).max()!)
  }
}
