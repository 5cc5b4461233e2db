import Checkpoints
import Communication
import Failures
import Foundation
import LocalRanks
import Recipes
import Synchronization
import Testing
import Training

extension TrainingTests {
  /// A rank whose memory differs by one bit is found before anything is written.
  @Suite struct Disagreements {
    /// Flips the lowest bit of a byte of one rank's memory.
    private static func flip(_ memory: UnsafeMutableRawPointer) {
      memory.storeBytes(of: memory.load(as: UInt8.self) ^ 1, as: UInt8.self)
    }

    private func check(_ failure: Failure?, rank: Int, of size: Int, step: String) {
      #expect(failure?.code == .internal)
      let message = failure?.message ?? ""
      #expect(message.contains("differs from rank 0's on rank \(rank) (") && message.contains("of \(size) ranks"))
      #expect(message.contains(step))
    }

    /// In whatever a checkpoint holds: a weight, a running statistic, the momentum, an average.
    @Test(arguments: 0..<4, [1, 2]) func oneBitEndsTheEpoch(part: Int, bad: Int) {
      let failure = #expect(throws: Failure.self) {
        try LocalGroup.run(size: 3) { group in
          let run = try Run(recipe: .small(), communicator: group, threads: 1, trains: true)
          let observer = AfterSteps { state in
            // The last step of the second epoch; the averages hold the first's.
            guard group.rank == bad, state.step == 6 else { return }
            let buffers = [
              state.model.parameters, state.model.statistics, state.optimizer.buffers[0].buffer,
              state.averages[0].state.parameters,
            ]
            // Of the third byte of a number: what is lower may be rounded away when an average takes in the weights.
            Self.flip(UnsafeMutableRawPointer(buffers[part].values.pointer + 7) + 2)
          }
          try Trainer(run, from: run.initialState()).train(observer)
        }
      }
      check(failure, rank: bad, of: 3, step: "after epoch 1")
    }

    /// In the total gradient of one step, as a network or a memory may do it: whole sessions, a checkpoint a step.
    @Test(arguments: [2, 5]) func oneBitLeavesTheCheckpointBefore(step: Int) throws {
      let files = try RunFiles()
      let recipe = Recipe.small { $0.checkpoint.everySteps = 1 }
      let failure = #expect(throws: Failure.self) {
        try LocalGroup.run(size: 2) { group in
          let counter = Counter()
          let faulty = FailingCommunicator(
            group,
            damage: { memory in
              // The network has some 180,000 parameters; nothing else that is gathered is as long.
              guard group.rank == 1, memory.count > 500_000 else { return }
              if counter.value.wrappingAdd(1, ordering: .relaxed).newValue == step {
                // Of the second number's fraction: its last bits may be rounded away when the momentum is added.
                Self.flip(memory.baseAddress! + 6)
              }
            })
          let run = try Run(recipe: recipe, communicator: faulty, threads: 1, trains: true)
          _ = try TrainingSession(
            recipe.document, directory: RunDirectory(files.run), run: run,
            console: Console(.silent, isRoot: group.rank == 0)
          ).train(resume: .auto, environment: Data("{}".utf8))
        }
      }
      check(failure, rank: 1, of: 2, step: "at step \(step)")
      // The newest two, and the best epoch's.
      let written = try CheckpointStore(directory: RunDirectory(files.run).checkpoints).list().map(\.step)
      #expect(written.max() == step - 1)
    }

    private final class Counter: Sendable {
      let value = Atomic<Int>(0)
    }

    private final class AfterSteps: TrainingObserver {
      let body: (TrainingState) -> Void
      init(_ body: @escaping (TrainingState) -> Void) { self.body = body }
      func stepEnded(_ line: StepLine, of steps: Int, _ state: TrainingState) -> Bool {
        body(state)
        return true
      }
      func epochEnded(_ line: EpochLine, _ state: TrainingState) -> Bool { true }
    }
  }
}
