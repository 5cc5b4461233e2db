import Augmentations
import Datasets
import Oracle
import Recipes
import Synchronization
import Testing
import Training

extension TrainingTests {
  /// Plain training against the oracle in Double: order, augmentation, loss, gradient, SGD and running statistics.
  @Suite struct OracleSteps {
    /// Two epochs of three steps with 8, 8 and 4 images; the rate falls in between. The attack changes nothing.
    static let recipe = Recipe.small {
      $0.data.trainCount = 20
      $0.data.validation = "0"
      $0.training.batchSize = 8
      $0.training.shards = 3
      $0.training.milestones = [.epoch(1)]
      $0.attack.steps = 0
      $0.attack.epsilon = "0"
      $0.averaging.fawa = false
      $0.averaging.ema = false
    }

    /// What a step left, under PyTorch's names and in its order.
    private struct Snapshot: Sendable {
      var tensors: [String: [Float]] = [:]
      var velocities: [String: [Float]] = [:]

      init(_ state: TrainingState) {
        for buffer in [state.model.parameters, state.model.statistics] {
          for slot in buffer.layout.slots { tensors[slot.name] = buffer.exported(slot) }
        }
        let momentum = state.optimizer.buffers[0].buffer
        for slot in momentum.layout.slots { velocities[slot.name] = momentum.exported(slot) }
      }
    }

    /// The oracle makes each step from where the trainer stood, so that one step's rounding is what differs. Where
    /// rounding moves a value across the kink of a rectifier, a tensor's gradient jumps, by up to 2e-2 of its norm with
    /// these weights; else all agree to about 2e-6.
    @Test(arguments: [1, 3])
    func lossesAndStatesOfSixSteps(ranks: Int) throws {
      let recipe = Self.recipe
      let data = try DatasetCatalog.load(try recipe.dataRequest())
      let snapshots = Mutex<[Snapshot]>([])
      let trained = try train(
        recipe, ranks: ranks,
        eachStep: { state in
          let snapshot = Snapshot(state)
          // Every rank has the same.
          snapshots.withLock { if $0.count < state.step { $0.append(snapshot) } }
        })[0]
      let states = snapshots.withLock { $0 }
      #expect(trained.steps.count == 6 && states.count == 6)
      #expect(trained.state?.model.batchesTracked == 6)

      let parameters = OracleParameters.generate(width: 8, classes: 10, seed: recipe.training.seed)
      var network = OraclePreActResNet18(
        parameters, mean: data.statistics!.mean.map(Double.init),
        deviation: data.statistics!.standardDeviation.map(Double.init))
      var sgd = OracleSGD(learningRate: 0.1, momentum: 0.9, weightDecay: 5e-4)
      for step in 0..<6 {
        let epoch = step / 3
        sgd.learningRate = epoch == 0 ? 0.1 : 0.01
        let order = EpochOrder(count: 20, seed: recipe.training.seed, epoch: epoch).positions
        let batch = [order[0..<8], order[8..<16], order[16..<20]][step % 3]
        let (x, labels) = images(Array(batch), of: data.train, epoch: epoch)
        let trace = network.forward(x, mode: .batch)
        let loss = crossEntropy(trace.logits, labels: labels)
        let gradients = network.backward(trace, dlogits: loss.dlogits).parameters
        network.updateRunningStatistics(from: trace)
        sgd.step(&network.parameters, gradients: gradients)

        let state = states[step]
        #expect(abs(trained.steps[step].loss / loss.mean - 1) < 1e-5, "step \(step)")
        var weights = (difference: 0.0, norm: 0.0)
        var velocities = weights
        for (name, tensor) in network.parameters.trainable {
          let (d, n) = squares(state.tensors[name]!, tensor.values)
          weights = (weights.difference + d, weights.norm + n)
          let (dv, nv) = squares(state.velocities[name]!, sgd.velocities[name]!.values)
          velocities = (velocities.difference + dv, velocities.norm + nv)
          #expect((dv / nv).squareRoot() < 2e-2, "velocity of \(name), step \(step)")
          network.parameters.trainable[name]!.values = state.tensors[name]!.map(Double.init)
          sgd.velocities[name]!.values = state.velocities[name]!.map(Double.init)
        }
        #expect((weights.difference / weights.norm).squareRoot() < 1e-5, "weights, step \(step)")
        #expect((velocities.difference / velocities.norm).squareRoot() < 1e-3, "velocities, step \(step)")
        for (name, tensor) in network.parameters.buffers {
          let (d, n) = squares(state.tensors[name]!, tensor.values)
          #expect((d / n).squareRoot() < 1e-4, "\(name), step \(step)")
          network.parameters.buffers[name]!.values = state.tensors[name]!.map(Double.init)
        }
      }
    }

    /// The squared norms of the difference and of what it is held against.
    private func squares(_ ours: [Float], _ theirs: [Double]) -> (difference: Double, norm: Double) {
      #expect(ours.count == theirs.count)
      return (
        zip(ours, theirs).reduce(0) { $0 + (Double($1.0) - $1.1) * (Double($1.0) - $1.1) },
        theirs.reduce(0) { $0 + $1 * $1 }
      )
    }

    /// Augmented images in NCHW, and their labels.
    private func images(
      _ examples: [Int], of images: LabeledImages, epoch: Int
    ) -> (x: OracleTensor, labels: [Int]) {
      let augmentation = Self.recipe.augmentation.chain
      let canvas = AugmentationCanvas(height: images.height, width: images.width)
      var x = OracleTensor(shape: [examples.count, 3, 16, 16])
      for (n, example) in examples.enumerated() {
        var image = [Float](repeating: 0, count: images.imageSize)
        image.withUnsafeMutableBufferPointer {
          augmentation.write(
            example, of: images, seed: Self.recipe.training.seed, epoch: epoch, by: canvas, to: $0.baseAddress!)
        }
        for y in 0..<16 {
          for column in 0..<16 {
            for c in 0..<3 { x[n, c, y, column] = Double(image[(y * 16 + column) * 3 + c]) }
          }
        }
      }
      return (x, examples.map { Int(images.labels[$0]) })
    }
  }
}
