// What the runs know of an architecture.

import Classification
import Kernels
import Tensors

/// What goes into a network and what comes out.
package struct NetworkConfiguration: Equatable, Sendable {
  /// Height and width of the images; multiples of 8 from 16 on.
  package var height: Int, width: Int
  package var classes: Int

  package init(height: Int = 32, width: Int = 32, classes: Int = 10) {
    self.height = height
    self.width = width
    self.classes = classes
  }

  /// An image.
  var pixels: Shape { Shape(n: 1, h: height, w: width, c: 3) }

  /// Whether networks can be of this size.
  var isSupported: Bool { [height, width].allSatisfy { $0 >= 16 && $0 % 8 == 0 } && classes >= 2 }
}

/// A network over one rank's part of a batch.
///
/// Making one describes it: layouts, geometries and sizes are known, and memory to speak of is taken by `reserve` and
/// `prepare` alone. Passes check what they are given; broken rules are errors of the program and end it.
///
/// A forward pass keeps in the network's own memory what the backward pass needs; the values come from outside, so one
/// network serves the raw weights and every average.
package protocol Network: AnyObject {
  var configuration: NetworkConfiguration { get }
  /// Trainable tensors.
  var parameters: ParameterLayout { get }
  /// Running statistics.
  var statistics: ParameterLayout { get }
  /// The layer that logits come from, as its tensors' names begin.
  var headLayer: String { get }
  /// The multiplications by weights of one image, in the order of a forward pass; the first reads the pixels.
  var work: [Operation] { get }
  /// Operations of one image in one direction that passes in bfloat16 do in it.
  var reducedFlops: Int { get }
  /// What is normalised by the statistics of its batch, in the order of a forward pass.
  var normalisations: [NormalisedMap] { get }
  /// What the network takes in memory for shards of so many images, counted before anything is reserved.
  func memory(shardSize: Int) -> NetworkMemory

  /// Makes room for the packed filters and for passes over up to `examples` examples in shards of up to `shardSize`, each in
  /// up to so many views.
  func reserve(examples: Int, shardSize: Int, views: Int)

  /// Derives what depends on the state alone (packed filters, scale and shift of the pixels); once after it changed. Passes
  /// are with these weights until the next call.
  func prepare(_ state: Model)

  /// Forward passes so far: whoever wants the backward pass of one can tell whether it is still the last.
  var passes: Int { get }

  /// The next forward pass, and no other, goes without branches that are drawn at these addresses, where the network has such.
  func drawPaths(at addresses: PathAddresses)

  /// Logits (N, K) of images (N, H, W, 3) in [0, 1], as `slice` orders them; valid until the next pass.
  func forward(
    _ images: Tensor, _ state: Model, _ mode: BatchStatistics, _ slice: BatchSlice, _ precision: Precision
  ) throws -> Tensor

  /// The backward pass of the last forward pass, which had the same weights, mode, slice and precision.
  ///
  /// With several views, L is a sum over all of them, and a leaf of the gradient that of a shard in all its views.
  /// Without `gradients` it returns dL/dimages and spends nothing on the weights; with it, it adds the leaves of every
  /// parameter and returns nothing.
  func backward(
    _ dLogits: Tensor, _ state: Model, _ mode: BatchStatistics, _ slice: BatchSlice, _ precision: Precision,
    gradients: GradientSum?
  ) throws -> Tensor
}

extension Network {
  package func drawPaths(at addresses: PathAddresses) {}

  package var classCount: Int { configuration.classes }

  /// The same in Float.
  package func forward(
    _ images: Tensor, _ state: Model, _ mode: BatchStatistics, _ slice: BatchSlice
  ) throws -> Tensor { try forward(images, state, mode, slice, .float32) }

  /// The same of a pass in Float.
  package func backward(
    _ dLogits: Tensor, _ state: Model, _ mode: BatchStatistics, _ slice: BatchSlice, gradients: GradientSum?
  ) throws -> Tensor { try backward(dLogits, state, mode, slice, .float32, gradients: gradients) }

  /// Room for passes over one image of each example.
  package func reserve(examples: Int, shardSize: Int) { reserve(examples: examples, shardSize: shardSize, views: 1) }
}
