// PyTorch's default initialisation, from addressed randomness.
//
// Weights of convolutions and matrices, and the bias of a matrix:  (2u − 1)/√fanIn,  u uniform in [0, 1);
// normalisations: γ = 1, β = 0, running mean 0, running variance 1.
// u is addressed by the tensor's position among all parameters and the element's in PyTorch's order.

import Tensors

extension ParameterBuffer {
  /// Overwrites all slots with their initial values.
  package func initialize(seed: UInt64) {
    for (position, slot) in layout.slots.enumerated() {
      let values: [Float]
      switch slot.role {
      case .filter, .matrix, .bias:
        let bound = 1 / Float(slot.fanIn).squareRoot()
        let stream = RandomStream(seed: seed, purpose: .initialization, example: position)
        values = (0..<slot.count).map { (2 * stream.uniform(at: $0) - 1) * bound }
      case .scale, .runningVariance: values = [Float](repeating: 1, count: slot.count)
      case .shift, .runningMean: values = [Float](repeating: 0, count: slot.count)
      }
      `import`(values, into: slot)
    }
  }
}
