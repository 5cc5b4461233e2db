// What a step of a recipe's network and method has to do, counted by geometry.
//
// Of a convolution of H x W x C to P x Q x O, in Floats: a forward pass reads the input and writes the output; an input gradient reads
// the output's gradient, writes the input's, and reads the input again for the ReLU's mask; a weight gradient reads the input and the
// output's gradient. Residuals and what BatchNorm reads a second time are some tenths of that.

import Kernels
import Networks
import Parallelism
import Recipes
import Scaling

extension StepWork {
  /// - Parameters:
  ///   - layout: of the global batch.
  ///   - loops: parallel loops of a step.
  init(
    _ network: any Network, _ passes: StepPasses, _ layout: ShardLayout, _ choice: ConvolutionChoice,
    loops: Int
  ) {
    var kinds: [FilterLayer] = []
    var (forward, gradient, weights) = (0, 0, 0)
    for g in network.convolutions {
      let program = choice.forward(g)
      let layer = FilterLayer(
        count: 1, tiles: program is any TransformedProgram ? g.outputPixels / 16 : g.outputPixels,
        isTransformed: program is any TransformedProgram, groupImages: g.groupSize,
        forwardBytes: 4 * program.packedCount,
        gradientBytes: choice.inputGradient(g).reduce(0) { $0 + 4 * $1.packedCount })
      if let same = kinds.firstIndex(where: { $0.isAlike(layer) }) {
        kinds[same] = FilterLayer(
          count: kinds[same].count + 1, tiles: layer.tiles, isTransformed: layer.isTransformed,
          groupImages: layer.groupImages,
          forwardBytes: layer.forwardBytes, gradientBytes: layer.gradientBytes)
      } else {
        kinds.append(layer)
      }
      let input = 4 * g.height * g.width * g.inputChannels
      let output = 4 * g.outputPixels * g.outputChannels
      forward += input + output
      gradient += 2 * input + output
      weights += input + output
    }
    self.init(
      batch: layout.batchSize, shardSize: layout.shardSize, attackForward: passes.attackForward,
      attackGradient: passes.attackGradient, views: passes.views, filters: kinds, forwardBytes: forward,
      gradientBytes: gradient, weightGradientBytes: weights, parameters: network.parameters.count,
      packedBytes: 4 * network.memory(shardSize: layout.shardSize).packed, exchanges: network.exchanges(passes),
      exchangedDoubles: network.exchangedDoubles(passes), loops: loops)
  }

  /// The loops of a step, where a forward pass and an input gradient make so many; those of a weight gradient are taken as half of that.
  static func loops(_ passes: StepPasses, pairLoops: Int) -> Int {
    pairLoops * (passes.attackForward + passes.attackGradient + 3 * passes.views) / 2
  }
}

extension StepModel {
  /// The model of a recipe's steps by what was measured of a machine.
  init(
    _ recipe: Recipe, _ network: any Network, _ passes: StepPasses, _ layout: ShardLayout,
    _ measured: MachineMeasurement, node: NodeFacts
  ) {
    self.init(
      StepWork(
        network, passes, layout, recipe.engine.convolution,
        loops: StepWork.loops(passes, pairLoops: measured.pairLoops)),
      node: node, times: measured.reading.times)
  }
}

extension FilterLayer {
  /// The same but for the count.
  fileprivate func isAlike(_ other: FilterLayer) -> Bool {
    (tiles, isTransformed, groupImages, forwardBytes, gradientBytes)
      == (other.tiles, other.isTransformed, other.groupImages, other.forwardBytes, other.gradientBytes)
  }
}
