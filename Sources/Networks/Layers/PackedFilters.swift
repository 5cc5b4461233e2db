// The memory of a convolution's packed filters, made when a network is to run and not when it is described.

import Tensors

/// Packed filters: forward, and for each part of the input gradient.
final class PackedFilters {
  var forward = Tensor(Shape(n: 0, c: 0))
  var gradient: [Tensor] = []
}
