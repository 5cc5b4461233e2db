// What the steps of a run share.

import Attacks
import Classification
import Fairness
import Glibc
import Networks
import Parallelism
import Tensors

/// The network and its values, the gradient that is made, and the memory of a step.
package final class StepContext {
  package let network: any Network
  /// What the attack sees of the network.
  private let classifier: NetworkClassifier
  package let gradients: GradientSum
  package let pool: ThreadPool
  package let seed: UInt64
  package let workspace: AttackWorkspace
  /// What targets are drawn from in place of the classes' prior; nil where they are not.
  package var confusion: SampleConfusion?
  /// The probabilities of own examples in the counted view of the last step, (n, K); without rows where nobody asks.
  package let ownConfusion: Tensor
  /// Whether the passes of attacks go without drawn branches of the network as well, where it has such.
  private let dropsAttackPaths: Bool
  /// The batch that is attacked, and the view that this makes.
  private var attacked: (examples: [Int], epoch: Int, view: Int) = ([], 0, 0)
  /// Called before each training pass.
  package var trainingBegins: () -> Void = {}

  /// Own counts of the step, Σ loss over the examples of each own shard, and what the attack is told: kept from step to
  /// step, so that a step allocates nothing.
  var counts: ClassCounts
  private(set) var shardLosses: [Double] = []
  private(set) var predictions: [Int64] = []
  private var goals: [Goal] = []
  private var threat = ThreatModel(epsilon: [])

  /// The images of each view of the last step.
  package private(set) var images: [Tensor] = []
  /// Memory for the solution of each view's inner problem.
  private let adversaries: [Tensor]
  /// All views side by side; empty where there is one.
  private let together: Tensor
  private let dLogitsMemory: Tensor
  private let probabilities: Tensor

  /// Memory for up to `examples` examples of this rank in so many views.
  package init(
    network: any Network, state: Model, gradients: GradientSum, pool: ThreadPool, seed: UInt64, examples: Int,
    method: TrainingMethod, keepsConfusion: Bool = false, dropsAttackPaths: Bool = false,
    attackPrecision: Precision = .float32
  ) {
    self.network = network
    classifier = NetworkClassifier(network, state, .running, BatchSlice(whole: 0), attackPrecision)
    self.gradients = gradients
    self.pool = pool
    self.seed = seed
    counts = ClassCounts(classCount: network.classCount)
    let size = network.configuration
    let views = method.views.count
    workspace = AttackWorkspace(examples: examples, classes: size.classes, pool: pool)
    func images(_ count: Int) -> Tensor { Tensor(Shape(n: count, h: size.height, w: size.width, c: 3)) }
    adversaries = method.views.map { if case .attacked = $0 { images(examples) } else { images(0) } }
    together = images(views > 1 ? views * examples : 0)
    probabilities = Tensor(Shape(n: 1, c: size.classes))
    ownConfusion = Tensor(Shape(n: keepsConfusion ? examples : 0, c: size.classes))
    dLogitsMemory = Tensor(Shape(n: views * examples, c: size.classes))
    self.dropsAttackPaths = dropsAttackPaths
    if dropsAttackPaths {
      workspace.passBegins = { [unowned self] pass, passed in drawPaths(of: pass, passed) }
    }
  }

  /// Weights and running statistics; a step moves the latter.
  package var state: Model { classifier.state }

  // MARK: - Predictions

  /// Starts the sums of predicted probabilities, if they are asked for.
  func beginPredictions(_ isAsked: Bool) {
    predictions.removeAll(keepingCapacity: true)
    guard isAsked else { return }
    for _ in 0..<network.classCount * network.classCount { predictions.append(0) }
  }

  /// Adds the probabilities of an example.
  func addPrediction(_ z: UnsafePointer<Float>, _ label: Int) {
    let (p, k) = (probabilities.pointer, network.classCount)
    Softmax.write(z, classes: k, into: p)
    for j in 0..<k { predictions[label * k + j] += PredictionSums.parts(p[j]) }
  }

  /// Keeps the probabilities of an own example, if they are asked for.
  func keepConfusion(_ z: UnsafePointer<Float>, of example: Int) {
    guard ownConfusion.shape.n > 0 else { return }
    Softmax.write(z, classes: network.classCount, into: ownConfusion.image(example))
  }

  // MARK: - Views

  /// Starts with no view.
  func begin() { images.removeAll(keepingCapacity: true) }

  /// Adds a view.
  func add(_ view: Tensor) { images.append(view) }

  /// Each example's goal and threat model: those of its class.
  func setGoals(_ batch: TrainingBatch, _ fairness: FairnessState) {
    goals.removeAll(keepingCapacity: true)
    for (label, example) in zip(batch.labels, batch.examples) {
      guard fairness.settings[label].targeted else {
        goals.append(.avoid(label))
        continue
      }
      let stream = RandomStream(seed: seed, purpose: .target, epoch: batch.epoch, example: example)
      let uniform = Double(stream.uniform(at: 0))
      let target =
        confusion?.target(of: example, label: label, uniform: uniform)
        ?? fairness.prior.draw(label: label, uniform: uniform)
      counts.record(target: target)
      goals.append(.reach(target, from: label))
    }
  }

  /// Adds the adversaries of an inner problem as a view.
  func solve(
    _ problem: InnerProblem, _ batch: TrainingBatch, _ settings: ClassSettings, _ facts: BatchFacts
  ) throws {
    let place = images.count
    threat.epsilon.removeAll(keepingCapacity: true)
    threat.stepSize.removeAll(keepingCapacity: true)
    threat.steps.removeAll(keepingCapacity: true)
    for label in batch.labels {
      threat.epsilon.append(settings[label].epsilon)
      switch problem.pace {
      case .ofClass: threat.stepSize.append(settings[label].stepSize)
      case .ofLargestRadius(let part): threat.stepSize.append(part * facts.largestEpsilon)
      }
      threat.steps.append(settings[label].steps)
    }
    // As many rounds on every rank, whichever classes it holds.
    var attack = PGD(steps: settings.mostSteps, stepSize: settings[0].stepSize, start: problem.start)
    attack.objective = problem.objective
    attack.stopping = problem.stopping(batch.epoch)
    attack.stopped = problem.stopped
    attack.noise = problem.noise
    attack.takesReference = settings.rows.contains { !$0.targeted }
    attack.endsTogether = problem.statistics != .running
    attack.passesLast = problem.passesLast && problem.statistics == .batchUpdatingRunning
    let solution = adversaries[place].prefix(batch.labels.count)
    classifier.mode = problem.statistics
    classifier.slice = batch.slice
    if dropsAttackPaths { attacked = (batch.examples, batch.epoch, place) }
    // The loader takes the memory again.
    defer { if dropsAttackPaths { attacked.examples = [] } }
    try attack(
      AttackProblem(
        batch.images, into: solution, goals: goals, within: threat,
        random: AttackRandomness(
          seed: seed, purpose: .attackStart, epoch: batch.epoch, examples: batch.examples, restart: place)),
      of: classifier, workspace)
    add(solution)
  }

  /// Lets the next pass of an attack go without branches that are drawn for the examples that pass.
  private func drawPaths(of pass: AttackPass, _ passed: [Int]) {
    let number: PathAddresses.Pass =
      switch pass {
      case .reference: .reference(view: attacked.view)
      case .step(let step): .step(step, view: attacked.view)
      }
    network.drawPaths(
      at: PathAddresses(
        seed: seed, epoch: attacked.epoch, examples: attacked.examples, places: passed, pass: number))
  }

  // MARK: - Training pass

  /// Lets the next training pass go without branches that are drawn for these examples, where the network has such.
  func drawPaths(_ batch: TrainingBatch) {
    network.drawPaths(at: PathAddresses(seed: seed, epoch: batch.epoch, examples: batch.examples))
  }

  /// A forward and backward pass over all views, in train mode, on the mean of what `loss` makes of each own example.
  ///
  /// Leaves the gradients with `gradients` and the losses in `shardLosses`.
  func train(
    _ slice: BatchSlice,
    loss: (_ z: ViewLogits, _ example: Int, _ dz: ViewLogits, _ scale: Float) -> Float
  ) throws {
    trainingBegins()
    let mode = BatchStatistics.batchUpdatingRunning
    let logits = try network.forward(sideBySide(slice), classifier.state, mode, slice)
    let dLogits = dLogitsMemory.prefix(slice.imageCount)
    let scale = 1 / Float(slice.layout.batchSize)
    shardLosses.removeAll(keepingCapacity: true)
    for shard in slice.shards {
      let examples = slice.examples(of: shard)
      let first = slice.images(of: shard).lowerBound
      var sum = 0.0
      for (place, example) in examples.enumerated() {
        func rows(_ tensor: Tensor) -> ViewLogits {
          ViewLogits(
            tensor.image(first + place), stride: examples.count * tensor.shape.c, classes: tensor.shape.c)
        }
        sum += Double(loss(rows(logits), example, rows(dLogits), scale))
      }
      shardLosses.append(sum)
    }
    gradients.begin(slice)
    _ = try network.backward(dLogits, state, mode, slice, gradients: gradients)
  }

  /// The images of all views in the order of the slice.
  private func sideBySide(_ slice: BatchSlice) -> Tensor {
    if images.count == 1 { return images[0] }
    let all = together.prefix(slice.imageCount)
    for shard in slice.shards {
      let examples = slice.examples(of: shard)
      for (view, images) in images.enumerated() {
        all.image(slice.images(of: shard, view: view).lowerBound).update(
          from: images.image(examples.lowerBound), count: examples.count * images.shape.imageCount)
      }
    }
    return all
  }
}

/// Seconds of the monotonic clock.
package func monotonicSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
