import Datasets
import Oracle
import Recipes
import Synchronization
import Testing
import Training

extension TrainingTests {
  /// Plain training against the oracle in Double: order, augmentation, loss, gradient, SGD and running statistics.
  @Suite struct OracleSteps {
    /// Two epochs of three steps with 8, 8 and 4 pictures; the rate falls in between. The attack changes nothing.
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

    @Test(arguments: [1, 3])
    func lossesAndStatesOfSixSteps(ranks: Int) throws {
      let recipe = Self.recipe
      let data = try DatasetCatalog.load(try recipe.dataRequest())
      let parameters = OracleParameters.generate(width: 8, classes: 10, seed: recipe.training.seed)
      var network = OraclePreActResNet18(
        parameters, mean: data.mean.map(Double.init), deviation: data.standardDeviation.map(Double.init))
      var sgd = OracleSGD(learningRate: 0.1, momentum: 0.9, weightDecay: 5e-4)
      var losses: [Double] = []
      for epoch in 0..<2 {
        sgd.learningRate = epoch == 0 ? 0.1 : 0.01
        let order = EpochOrder(count: 20, seed: recipe.training.seed, epoch: epoch).positions
        for batch in [order[0..<8], order[8..<16], order[16..<20]] {
          let (x, labels) = pictures(Array(batch), of: data.train, epoch: epoch)
          let trace = network.forward(x, mode: .batch)
          let loss = crossEntropy(trace.logits, labels: labels)
          losses.append(loss.mean)
          let gradients = network.backward(trace, dlogits: loss.dlogits).parameters
          network.updateRunningStatistics(from: trace)
          sgd.step(&network.parameters, gradients: gradients)
        }
      }

      let trained = try train(recipe, ranks: ranks)[0]
      let state = try #require(trained.state)
      for (ours, theirs) in zip(trained.steps.map(\.loss), losses) { #expect(abs(ours / theirs - 1) < 1e-4) }
      #expect(trained.steps.count == losses.count && state.model.batchesTracked == 6)
      func check(_ name: String, _ ours: [Float], _ theirs: [Double]) {
        let difference = zip(ours, theirs).reduce(0) { $0 + (Double($1.0) - $1.1) * (Double($1.0) - $1.1) }
        let norm = theirs.reduce(0) { $0 + $1 * $1 }
        #expect((difference / norm).squareRoot() < 1e-4, "\(name)")
      }
      for slot in state.model.parameters.layout.slots {
        check(slot.name, state.model.parameters.exported(slot), network.parameters[slot.name].values)
        check("v \(slot.name)", state.optimizer.momentum.exported(slot), sgd.velocities[slot.name]!.values)
      }
      for slot in state.model.statistics.layout.slots {
        check(slot.name, state.model.statistics.exported(slot), network.parameters.buffers[slot.name]!.values)
      }
    }

    /// Augmented pictures in NCHW, and their labels.
    private func pictures(
      _ examples: [Int], of images: LabeledImages, epoch: Int
    ) -> (x: OracleTensor, labels: [Int]) {
      let augmentation = Augmentation(crop: Self.recipe.augmentation.crop, flip: true)
      var x = OracleTensor(shape: [examples.count, 3, 16, 16])
      for (n, example) in examples.enumerated() {
        var picture = [Float](repeating: 0, count: images.imageSize)
        picture.withUnsafeMutableBufferPointer {
          augmentation.write(
            example, of: images, seed: Self.recipe.training.seed, epoch: epoch, to: $0.baseAddress!)
        }
        for y in 0..<16 {
          for column in 0..<16 {
            for c in 0..<3 { x[n, c, y, column] = Double(picture[(y * 16 + column) * 3 + c]) }
          }
        }
      }
      return (x, examples.map { Int(images.labels[$0]) })
    }
  }
}
