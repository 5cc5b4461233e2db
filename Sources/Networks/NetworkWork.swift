// What a pass and a step of training calculate: the one place where operations and exchanges are counted.
//
//   attacks              forward passes and input gradients, down to the pixels; as many as the method's inner problems take
//   the training pass    of each view: one forward pass, one input gradient down to the first layer's output, one weight
//                        gradient; the exchanges of all views are one
//
// Counted are multiplications and additions of direct sums, of convolutions and the linear layer, whatever the algorithm
// makes of them; the rest of a network is a thousandth of that.

import Classification
import Kernels
import Tensors

/// How often each direction runs in a step, for each example; the most, where examples are done early.
package struct StepPasses: Sendable {
  /// Of the attacks.
  package var attackForward: Int, attackGradient: Int
  /// Those of them that normalise with the global batch.
  package var exchangingForward: Int, exchangingGradient: Int
  /// Images of each example in the training pass.
  package var views: Int

  /// No attack.
  package init(views: Int) {
    (attackForward, attackGradient, exchangingForward, exchangingGradient) = (0, 0, 0, 0)
    self.views = views
  }

  /// One attack of so many steps, and a training pass on what it finds.
  package init(attack steps: Int, _ statistics: BatchStatistics = .batch) {
    self.init(views: 1)
    add(forward: steps, gradients: steps, statistics)
  }

  /// Adds passes of an attack.
  package mutating func add(forward: Int, gradients: Int, _ statistics: BatchStatistics) {
    attackForward += forward
    attackGradient += gradients
    guard statistics != .running else { return }
    exchangingForward += forward
    exchangingGradient += gradients
  }

  package var forward: Int { attackForward + views }
  package var weightGradient: Int { views }

  /// The input gradients of a layer; nobody asks for that of the first in the training pass.
  package func inputGradient(isFirst: Bool) -> Int { attackGradient + (isFirst ? 0 : views) }
}

extension Network {
  /// Operations of one image in one direction; the same number for each of the three.
  package var flops: Int { work.reduce(0) { $0 + $1.flops } }

  /// Operations of one image in a step.
  package func flops(_ passes: StepPasses) -> Amount {
    work.enumerated().reduce(0) { sum, layer in
      let times = passes.forward + passes.inputGradient(isFirst: layer.offset == 0) + passes.weightGradient
      return sum + Amount(layer.element.flops) * Amount(times)
    }
  }

  /// BatchNorm's exchanges of a step.
  package func exchanges(_ passes: StepPasses) -> Int {
    normalisedChannels.count * (passes.exchangingForward + passes.exchangingGradient + 2)
  }

  /// Doubles that a shard contributes to them.
  package func exchangedDoubles(_ passes: StepPasses) -> Int {
    normalisedChannels.reduce(0) { sum, channels in
      sum + (passes.exchangingForward + passes.views) * Moments.width(channels)
        + (passes.exchangingGradient + passes.views) * 2 * channels
    }
  }
}
