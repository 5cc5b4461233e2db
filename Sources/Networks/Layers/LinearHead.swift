// The linear layer that ends a network, on one row of features an image:
//
//   logits = W·x + b,   dx = Wᵀ·dlogits,   dW = Σ dlogits·xᵀ, db = Σ dlogits over the images of a shard, in order

import Classification
import Kernels
import Tensors

/// Features, logits and the features' gradient of the images of a pass.
struct LinearHead {
  private let weight: ParameterSlot, bias: ParameterSlot
  private let channels: Int, classes: Int
  /// What the network writes: its features, one row an image.
  private(set) var features = Tensor(Shape(n: 0, c: 1))
  /// The gradient in the features.
  private(set) var dFeatures = Tensor(Shape(n: 0, c: 1))
  private(set) var logits = Tensor(Shape(n: 0, c: 1))
  /// Its name.
  var layer: String { String(weight.layer) }

  init(_ layer: (weight: ParameterSlot, bias: ParameterSlot), channels: Int, classes: Int) {
    (weight, bias) = layer
    self.channels = channels
    self.classes = classes
  }

  /// Makes room for so many images.
  mutating func reserve(images: Int) {
    features = Tensor(Shape(n: images, c: channels))
    dFeatures = Tensor(Shape(n: images, c: channels))
    logits = Tensor(Shape(n: images, c: classes))
  }

  /// The logits of an image from its features.
  func forward(_ n: Int, _ state: Model) {
    Linear.forward(
      features.image(n), weight: state.parameters[weight], bias: state.parameters[bias], into: logits.image(n),
      classes: classes, channels: channels)
  }

  /// The gradient in the features of an image.
  func inputGradient(_ dLogits: Tensor, _ n: Int, _ state: Model) {
    Linear.inputGradient(
      dLogits.image(n), weight: state.parameters[weight], into: dFeatures.image(n), classes: classes,
      channels: channels)
  }

  /// Adds the leaves of the layer's own gradients.
  func accumulate(_ dLogits: Tensor, _ slice: BatchSlice, _ gradients: GradientSum) {
    gradients.accumulate(weight) { shards, leaf in
      leaf.update(repeating: 0, count: weight.count)
      for n in slice.images(of: shards) {
        Linear.addWeightGradient(
          dLogits.image(n), x: features.image(n), into: leaf, classes: classes, channels: channels)
      }
    }
    gradients.accumulate(bias) { shards, leaf in
      leaf.update(repeating: 0, count: bias.count)
      for n in slice.images(of: shards) { for k in 0..<classes { leaf[k] += dLogits.image(n)[k] } }
    }
  }
}
