// The engine's PreActResNet with the oracle's weights, and the oracle's with the engine's.

import Classification
import Kernels
import Networks
import Options
import Oracle
import Parallelism
import Tensors

/// A network of the engine, its state and its threads, fed with the oracle's tensors.
package final class EngineNetwork {
  package let network: any Network
  package let state: Model
  package let pool: ThreadPool
  package let classes: Int
  private let width: Int

  /// A network of any kind with a state by PyTorch's names, for pictures of `height` x `width`.
  package init(
    _ choice: Choice, _ values: [String: OracleTensor], classes: Int = 10, height: Int = 32, width: Int = 32,
    threads: Int = 1, reduction: any BatchReduction = LocalBatchReduction(), convolution: ConvolutionChoice = .auto
  ) {
    self.classes = classes
    self.width = 0
    pool = ThreadPool(threadCount: threads, cores: threads)
    network = choice.network(
      NetworkConfiguration(height: height, width: width, classes: classes),
      Engine(pool: pool, reduction: reduction, convolution: convolution))
    state = Model(
      parameters: network.parameters, statistics: network.statistics, normalisation: Self.normalisation)
    load(values)
  }

  private static let normalisation = Normalisation(
    mean: OraclePreActResNet18.cifar10Mean.map(Float.init),
    deviation: OraclePreActResNet18.cifar10Deviation.map(Float.init))!

  /// A network with the state of `parameters`, for pictures of `height` x `width`.
  package init(
    _ parameters: OracleParameters, height: Int = 32, width: Int = 32, threads: Int = 1,
    reduction: any BatchReduction = LocalBatchReduction(), convolution: ConvolutionChoice = .auto,
    bfloat16: BFloat16Unit? = nil
  ) {
    classes = parameters.classes
    pool = ThreadPool(threadCount: threads, cores: threads)
    self.width = parameters.width
    network = Choice("preactresnet18", given: ["model.width": "\(parameters.width)"]).network(
      NetworkConfiguration(height: height, width: width, classes: parameters.classes),
      Engine(pool: pool, reduction: reduction, convolution: convolution, bfloat16: bfloat16))
    state = Model(
      parameters: network.parameters, statistics: network.statistics, normalisation: Self.normalisation)
    load(parameters)
  }

  deinit { pool.stop() }

  /// Takes over a state of the oracle, rounded to Float.
  package func load(_ parameters: OracleParameters) {
    load(parameters.trainable.merging(parameters.buffers) { own, _ in own })
  }

  /// Takes over a state by PyTorch's names, rounded to Float.
  package func load(_ values: [String: OracleTensor]) {
    for buffer in [state.parameters, state.statistics] {
      for slot in buffer.layout.slots { buffer.import(values[slot.name]!.values.map(Float.init), into: slot) }
    }
    network.prepare(state)
  }

  /// Running statistics by PyTorch's names.
  package var statistics: [String: OracleTensor] { named(state.statistics) }

  /// The state as the oracle's.
  package func exported() -> OracleParameters {
    OracleParameters(
      width: width, classes: classes,
      trainable: named(state.parameters), buffers: named(state.statistics))
  }

  private func named(_ buffer: ParameterBuffer) -> [String: OracleTensor] {
    Dictionary(
      uniqueKeysWithValues: buffer.layout.slots.map {
        ($0.name, OracleTensor(shape: $0.shape, values: buffer.exported($0).map(Double.init)))
      })
  }

  /// A slice that holds a whole batch in shards of `shardSize`.
  package func slice(_ count: Int, shardSize: Int) -> BatchSlice {
    BatchSlice(layout: ShardLayout(batchSize: count, shardSize: shardSize), rank: 0, size: 1)
  }

  /// Logits of pictures; valid until the next pass.
  package func logits(_ pictures: Tensor, _ mode: BatchStatistics, _ slice: BatchSlice) throws -> Tensor {
    network.reserve(examples: pictures.shape.n, shardSize: slice.layout.shardSize)
    return try network.forward(pictures, state, mode, slice)
  }

  /// A pass on the mean cross-entropy of the global batch: logits, losses, and the gradients of it in the pictures or, where
  /// `sum` is given, in the parameters, which are left there.
  package func pass(
    _ pictures: Tensor, labels: [Int], _ mode: BatchStatistics, _ slice: BatchSlice, gradients sum: GradientSum? = nil
  ) throws -> (logits: Tensor, loss: Double, dPictures: Tensor) {
    let logits = try logits(pictures, mode, slice).images(0..<pictures.shape.n)
    let dLogits = Tensor(logits.shape)
    var losses = [Float](repeating: 0, count: max(1, labels.count))
    losses.withUnsafeMutableBufferPointer {
      CrossEntropy.evaluate(
        logits, labels: labels, gradient: dLogits, scale: 1 / Float(slice.layout.batchSize), losses: $0)
    }
    sum?.begin(slice)
    let gradient = try network.backward(dLogits, state, mode, slice, gradients: sum)
    let loss = losses.prefix(labels.count).reduce(0) { $0 + Double($1) } / Double(max(1, labels.count))
    return (logits, loss, gradient.images(0..<gradient.shape.n))
  }

  /// The sum of all subtrees of a gradient whose slice is the whole batch.
  package func total(_ sum: GradientSum) -> ParameterBuffer {
    let parts = sum.nodes.enumerated().map { (node: $1, value: sum.part($0).values.array) }
    return buffer(of: parts)
  }

  /// The sum of subtrees that cover a batch.
  package func buffer(of parts: [(node: TreeNode, value: [Float])]) -> ParameterBuffer {
    let result = ParameterBuffer(network.parameters)
    let total = SummationTree.reduce(parts) { a, b in for i in a.indices { a[i] += b[i] } }!
    for i in total.indices { result.values.pointer[i] = total[i] }
    return result
  }

  /// A gradient by PyTorch's names.
  package func exported(_ gradient: ParameterBuffer) -> [String: OracleTensor] { named(gradient) }
}
