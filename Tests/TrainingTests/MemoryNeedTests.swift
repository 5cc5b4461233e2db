import Datasets
import Foundation
import LocalRanks
import Networks
import Options
import Recipes
import Resources
import Tensors
import Testing
import Training

/// Bytes that this process holds, and that it ever held.
private func resident() -> (now: Int, most: Int) {
  let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
  func bytes(_ key: String) -> Int {
    let line = status.split(separator: "\n").first { $0.hasPrefix(key) } ?? ""
    return (Int(line.split(whereSeparator: \.isWhitespace).dropFirst().first ?? "") ?? 0) << 10
  }
  return (bytes("VmRSS:"), bytes("VmHWM:"))
}

private final class Nobody: TrainingObserver {
  func stepEnded(_ line: StepLine, of steps: Int, _ state: TrainingState) -> Bool { true }
  func epochEnded(_ line: EpochLine, _ state: TrainingState) -> Bool { true }
}

extension TrainingTests {
  /// What is counted beforehand is what is taken: no less than six tenths and no more than all of it, where activations,
  /// images, weights or a block of an evaluation are most.
  @Suite struct MemoryNeeds {
    static let changes: [@Sendable (inout Recipe) -> Void] = [
      {
        $0.model.set("width", "16")
        $0.data.trainCount = 64
        $0.training.batchSize = 64
        $0.evaluation.batch = 8
      },
      { $0.model.set("width", "64") },
      {
        $0.model.set("width", "8")
        $0.data.trainCount = 32
        $0.data.testCount = 96
        $0.training.batchSize = 16
        $0.evaluation.batch = 96
        $0.model.set("width", "16")
      },
      { $0.model.classes = 2_000 },
      {
        $0.model.choice = Choice("resnet18", given: ["model.width": "32"])
        $0.data.trainCount = 64
        $0.training.batchSize = 64
        $0.evaluation.batch = 8
      },
      {
        $0.model.choice = Choice("wideresnet-34-10", given: ["model.blocks": "2", "model.widen-factor": "4"])
        $0.data.trainCount = 32
        $0.training.batchSize = 32
        $0.evaluation.batch = 8
      },
    ]

    @Test(arguments: 0..<6) func isWhatIsTaken(case index: Int) async {
      await #expect(processExitsWith: .exitCode(42)) { [index] in
        _ = try LocalGroup.run(size: 1) { communicator in
          let recipe = Recipe.small {
            $0.data.size = 32
            $0.data.validation = "0"
            $0.averaging.fawa = false
            $0.training.epochs = 1
            $0.attack.steps = 1
            $0.evaluation.attack.set("steps", "1")
            MemoryNeeds.changes[index](&$0)
          }
          let extent = try DatasetCatalog.extent(recipe.dataRequest())
          let network = try recipe.network(
            NetworkConfiguration(
              height: extent.height, width: extent.width, classes: recipe.model.classes ?? extent.classCount),
            .describing())
          let parts = MemoryNeed(recipe, network, extent, threads: 2, ranks: 1).parts(rank: 0)
          let need = parts.filter { $0.cause != .program }.reduce(0) { $0 + $1.bytes }.value
          let before = resident().now
          let run = try Run(recipe: recipe, communicator: communicator, threads: 2, trains: true)
          try Trainer(run, from: run.initialState()).train(Nobody())
          let taken = resident().most - before
          print("case \(index): \(taken >> 20) MiB taken, \(need >> 20) counted")
          // Beside the formulas: what the allocator and the standard library keep, some 20 MiB.
          guard taken <= need + 20 << 20 else { exit(1) }
          guard Double(taken) >= 0.6 * Double(need) else { exit(2) }
          exit(42)
        }
      }
    }
  }
}
