// What a chain of blocks is made of: a residual network knows its stem, its head, and that these stand between them.

import Tensors

/// A piece of a network from one map to another. Its tensors are held by the network.
///
/// Extents are those of one image, with n = 1.
protocol Block {
  /// The map in front of it, and behind.
  var input: Shape { get }
  var output: Shape { get }
  /// Its convolutions in the order of a forward pass, and whether each reads behind a normalisation and a ReLU.
  var work: [(layer: ConvolutionLayer, isBehindNormalisation: Bool)] { get }
  /// In the order of a forward pass.
  var norms: [BatchNormLayer] { get }
  /// The normalisation of its input, whose moments are taken by who writes that; nil where it reads it as it is.
  var entry: BatchNormLayer? { get }
  /// What it keeps for the backward pass beside its input and output.
  var kept: [Shape] { get }
  /// Gradients inside it, in a backward pass.
  var inside: [Shape] { get }

  /// Writes `kept` and y; the moments of x are taken, and `next` takes those of y.
  func forward(_ x: Tensor, kept: [Tensor], y: Tensor, next: BatchNormLayer?, _ pass: Pass) throws

  /// From the gradient behind the block, which it finishes, and what `forward` kept to the gradient in front of it; adds
  /// the leaves of the weights if `gradients` is there.
  ///
  /// dx has the extents of x. No tensors may share memory, but dx with the `skip` of the gradient: it is written when that
  /// has been read.
  ///
  /// - Returns: the gradient in x, in the memory of dx, to be finished by whoever reads it.
  func backward(
    _ boundary: BoundaryGradient, x: Tensor, y: Tensor, kept: [Tensor], inside: [Tensor], dx: Tensor, _ pass: Pass,
    gradients: GradientSum?
  ) throws -> BoundaryGradient
}

extension Block {
  var convolutions: [ConvolutionLayer] { work.map(\.layer) }
}

extension Shape {
  /// So many images of these extents.
  func times(_ images: Int) -> Shape { Shape(n: images, h: h, w: w, c: c) }
}
