// What the steps of a run share.

import Attacks
import Classification
import Fairness
import Fairness
import Glibc
import Networks
import Parallelism
import Tensors

/// The network and its values, the gradient that is made, and the memory of a step.
package final class StepContext {
  package let network: any Network
  /// What the attack sees of the network.
  let classifier: NetworkClassifier
  package let gradients: GradientSum
  package let pool: ThreadPool
  package let seed: UInt64
  package let workspace: AttackWorkspace
  /// Called before each training pass.
  package var trainingBegins: () -> Void = {}

  /// Own counts of the step, Σ loss over the examples of each own shard, and what the attack is told: kept from step to
  /// step, so that a step allocates nothing.
  var counts: ClassCounts
  private(set) var shardLosses: [Double] = []
  var goals: [Goal] = []
  var threat = ThreatModel(epsilon: [])

  private let adversaries: Tensor
  private let dLogitsMemory: Tensor
  private let lossMemory: UnsafeMutableBufferPointer<Float>

  /// Memory for up to `examples` examples of this rank.
  package init(
    network: any Network, state: ModelState, gradients: GradientSum, pool: ThreadPool, seed: UInt64,
    attackStatistics: BatchStatistics, examples: Int
  ) {
    self.network = network
    classifier = NetworkClassifier(network, state, attackStatistics, BatchSlice(whole: 0))
    self.gradients = gradients
    self.pool = pool
    self.seed = seed
    counts = ClassCounts(classCount: network.classCount)
    let size = network.configuration
    workspace = AttackWorkspace(examples: examples, classes: size.classes, pool: pool)
    adversaries = Tensor(Shape(n: examples, h: size.height, w: size.width, c: 3))
    dLogitsMemory = Tensor(Shape(n: examples, c: size.classes))
    lossMemory = .allocate(capacity: max(1, examples))
  }

  /// Weights and running statistics; a step moves the latter.
  package var state: ModelState {
    get { classifier.state }
    set { classifier.state = newValue }
  }

  deinit { lossMemory.deallocate() }

  /// Room for n adversarial examples.
  func adversaries(_ n: Int) -> Tensor { adversaries.prefix(n) }

  /// A forward and backward pass on the mean cross-entropy of the global batch, in train mode.
  ///
  /// Leaves the gradients with `gradients` and the losses in `shardLosses`, and returns the logits.
  func train(_ images: Tensor, labels: [Int], _ slice: BatchSlice) throws -> Tensor {
    trainingBegins()
    let mode = BatchStatistics.batchUpdatingRunning
    let logits = try network.forward(images, &classifier.state, mode, slice)
    let dLogits = dLogitsMemory.prefix(labels.count)
    CrossEntropy.evaluate(
      logits, labels: labels, gradient: dLogits, scale: 1 / Float(slice.layout.batchSize), losses: lossMemory)
    shardLosses.removeAll(keepingCapacity: true)
    for shard in slice.shards { shardLosses.append(slice.local(shard).reduce(0) { $0 + Double(lossMemory[$1]) }) }
    gradients.begin(slice)
    _ = try network.backward(dLogits, state, mode, slice, gradients: gradients)
    return logits
  }
}

/// Seconds of the monotonic clock.
package func monotonicSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
