// The gradient of the linear layer that ends a network: dW = Σ dy·xᵀ, db = Σ dy over the images of a shard, in order.

import Classification
import Kernels
import Tensors

extension GradientSum {
  /// Adds the leaves of a linear layer of one row an image.
  func accumulateLinear(
    _ weight: ParameterSlot, _ bias: ParameterSlot, _ dy: Tensor, x: Tensor, _ slice: BatchSlice
  ) {
    let (classes, channels) = (dy.shape.c, x.shape.c)
    accumulate(weight) { shards, leaf in
      leaf.update(repeating: 0, count: weight.count)
      for n in slice.images(of: shards) {
        Linear.addWeightGradient(dy.image(n), x: x.image(n), into: leaf, classes: classes, channels: channels)
      }
    }
    accumulate(bias) { shards, leaf in
      leaf.update(repeating: 0, count: bias.count)
      for n in slice.images(of: shards) { for k in 0..<classes { leaf[k] += dy.image(n)[k] } }
    }
  }
}
