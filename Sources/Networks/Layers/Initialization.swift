// What the tensors of a network begin with, from addressed randomness.
//
// PyTorch's default for weights of convolutions and matrices, and the bias of a matrix:  (2u − 1)/√fanIn;
// normalisations: γ = 1, β = 0, running mean 0, running variance 1.
// u, uniform in [0, 1), and the normal numbers are addressed by the tensor's position among all parameters and the
// element's in PyTorch's order.

import Tensors

/// The rule that a tensor's first values follow.
package enum Initializer: Hashable, Sendable {
  /// Uniform within ±1/√fanIn, where so many values enter one output.
  case uniform(fanIn: Int)
  /// Normal with mean 0, of this deviation.
  case normal(deviation: Float)
  case constant(Float)
}

extension ParameterBuffer {
  /// Overwrites all slots with their initial values.
  package func initialize(seed: UInt64) {
    for (position, slot) in layout.slots.enumerated() {
      let stream = RandomStream(seed: seed, purpose: .initialization, example: position)
      let values: [Float]
      switch slot.initializer {
      case .uniform(let fanIn):
        let bound = 1 / Float(fanIn).squareRoot()
        values = (0..<slot.count).map { (2 * stream.uniform(at: $0) - 1) * bound }
      case .normal(let deviation):
        values = (0..<slot.count).map { RandomStream.normal(stream.word(at: $0)) * deviation }
      case .constant(let value): values = [Float](repeating: value, count: slot.count)
      }
      `import`(values, into: slot)
    }
  }
}
