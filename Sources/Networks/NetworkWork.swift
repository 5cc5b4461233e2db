// What a pass and a step of training calculate: the one place where operations and exchanges are counted.
//
//   an attack of S steps     S forward passes and S input gradients, down to the pixels
//   the training pass        one forward pass, one input gradient down to the first layer's output, one weight gradient
//
// Counted are multiplications and additions of direct sums, of convolutions and the linear layer, whatever the algorithm
// makes of them; the rest of a network is a thousandth of that.

import Classification
import Kernels
import Tensors

/// How often each direction runs in a step.
package struct StepPasses: Sendable {
  /// Steps of the attack.
  package let attack: Int

  package init(attack: Int) { self.attack = attack }

  package var forward: Int { attack + 1 }
  package var weightGradient: Int { 1 }

  /// The input gradients of a layer; nobody asks for that of the first in the training pass.
  package func inputGradient(isFirst: Bool) -> Int { isFirst ? attack : attack + 1 }
}

extension Network {
  /// Operations of one image in one direction; the same number for each of the three.
  package var flops: Int { multiplications.reduce(0) { $0 + $1.flops } }

  /// Operations of one image in a step.
  package func flops(_ passes: StepPasses) -> Amount {
    multiplications.enumerated().reduce(0) { sum, layer in
      let times = passes.forward + passes.inputGradient(isFirst: layer.offset == 0) + passes.weightGradient
      return sum + Amount(layer.element.flops) * Amount(times)
    }
  }

  /// The channels of each normalisation.
  package var normalisedChannels: [Int] { parameters.slots.filter { $0.role == .scale }.map { $0.shape[0] } }

  /// Passes of a step that normalise with the global batch, each with one exchange a normalisation and direction.
  package func passesWithExchanges(_ passes: StepPasses, attack statistics: BatchStatistics) -> Int {
    statistics == .running ? 1 : passes.attack + 1
  }

  /// BatchNorm's exchanges of a step.
  package func exchanges(_ passes: StepPasses, attack statistics: BatchStatistics) -> Int {
    2 * normalisedChannels.count * passesWithExchanges(passes, attack: statistics)
  }
}
