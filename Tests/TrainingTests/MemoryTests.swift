import Foundation
import LocalRanks
import Recipes
import Testing
import Training

/// Pages that a process holds, and how often it was given a new one.
private struct Pages {
  let resident: Int
  let faults: Int

  init() {
    let statm = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
    resident = Int(statm.split(separator: " ")[1])!
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    faults = usage.ru_minflt
  }
}

/// Looks at memory after steps 3 and 23.
private final class PageObserver: TrainingObserver {
  private var first: Pages?

  func stepEnded(_ line: StepLine, of steps: Int, _ state: TrainingState) -> Bool {
    if line.step == 3 { first = Pages() }
    guard line.step == 23, let first else { return true }
    let now = Pages()
    let (grown, faults) = (now.resident - first.resident, now.faults - first.faults)
    guard grown <= MemoryTestsBound.residentPages else { exit(1) }
    guard faults <= MemoryTestsBound.faults else { exit(2) }
    exit(42)
  }

  func epochEnded(_ line: EpochLine, _ state: TrainingState) -> Bool { true }
}

/// What 20 steps may take.
private enum MemoryTestsBound {
  /// Of 4 KiB: less than half of a gradient of this network.
  static let residentPages = 64
  /// Given back and taken again: 10 pages a step.
  static let faults = 200
}

extension TrainingTests {
  /// A step takes no memory that the steps before it have not taken.
  @Suite struct Memory {
    /// In a process of its own, where nothing else takes any.
    @Test func twentyStepsTakeNone() async {
      await #expect(processExitsWith: .exitCode(42)) {
        _ = try LocalGroup.run(size: 1) { communicator in
          let recipe = Recipe.small {
            $0.data.trainCount = 600
            $0.data.validation = "0"
            $0.averaging.fawa = false
          }
          let run = try Run(recipe: recipe, communicator: communicator, threads: 2, trains: true)
          try Trainer(run, from: run.initialState()).train(PageObserver())
        }
      }
    }
  }
}
