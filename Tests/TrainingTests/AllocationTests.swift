// What steps take from the heap once everything is sized: nothing.

import AllocationCounter
import Communication
import Kernels
import Options
import Recipes
import Testing
import Training

@Suite struct AllocationTests {
  /// The counter sees what Swift allocates, else it would find nothing anywhere.
  @Test func counterSeesArrays() {
    allocation_counter_start()
    let array = [Int](repeating: 1, count: 1000)
    let count = allocation_counter_stop()
    #expect(count == 1 && array.reduce(0, +) == 1000)
  }

  /// The same of a transformer, with branches left out, in attacks too, and AdamW.
  @Test(arguments: ["trades", "fairtat"]) func stepsOnTokensAllocateNothing(method: String) throws {
    try check(
      .small(network: "xcit-small", method: method) {
        $0.data.trainCount = 96
        $0.data.validation = "0"
        $0.training.optimizer = Choice("adamw")
        $0.attack.dropPath = .on
        for (key, value) in [("resize-scale", "[0.8, 1.2]"), ("jitter", "0.25"), ("rotation", "2"), ("erasing", "0.5")]
        {
          $0.augmentation.set(key, value)
        }
        $0.averaging.ema = false
        $0.averaging.fawa = false
      })
  }

  /// One process of one thread. (With more, lending a closure to the other threads takes 32 bytes a parallel loop.)
  @Test(
    arguments: [("at", "cfp"), ("fairtat", "cfp"), ("fairtat", "sample")], ["auto", "direct"])
  func stepsAllocateNothing(method: (name: String, prior: String), convolution: String) throws {
    let algorithm = try #require(ConvolutionChoice(rawValue: convolution))
    let recipe = Recipe.small {
      $0.method.name = method.name
      $0.fairness.prior = method.prior
      // Whole vectors and maps of 4x4: every algorithm is at work.
      $0.model.set("width", "16")
      $0.data.size = 32
      $0.data.trainCount = 96
      $0.data.validation = "0"
      $0.training.epochs = 2
      $0.averaging.ema = false
      $0.averaging.fawa = false
      $0.engine.convolution = algorithm
    }
    try check(recipe)
  }

  private func check(_ recipe: Recipe) throws {
    let run = try Run(recipe: recipe, communicator: SoloCommunicator(), threads: 1, trains: true)
    let counter = StepCounter()
    try Trainer(run, from: run.initialState()).train(counter)
    let counts = counter.counts
    // The first step of an epoch begins with the order of its examples.
    #expect(counts.count == 8)
    #expect(counts[1...3].allSatisfy { $0 == 0 } && counts[5...7].allSatisfy { $0 == 0 }, "\(counts)")
  }
}

/// Counts the allocations of each step, the first of an epoch from the start of the run or the end of the epoch before.
private final class StepCounter: TrainingObserver {
  var counts: [Int] = []

  init() {
    counts.reserveCapacity(100)
    allocation_counter_start()
  }

  func stepEnded(_ line: StepLine, of steps: Int, _ state: TrainingState) -> Bool {
    counts.append(allocation_counter_stop())
    allocation_counter_start()
    return true
  }

  func epochEnded(_ line: EpochLine, _ state: TrainingState) -> Bool {
    _ = allocation_counter_stop()
    allocation_counter_start()
    return true
  }
}
