import Checkpoints
import Failures
import Foundation
import Recipes
import Synchronization
import Testing
import Training

extension TrainingTests {
  /// Checkpoints are written while training goes on; one that fails is a warning, until too many do, or the last.
  @Suite struct Writing {
    /// One epoch of eleven steps, a line each.
    private func train(
      _ files: RunFiles, everySteps: Int, ranks: Int = 1,
      write: @escaping CheckpointWriting = { try $0.write(step: $1, files: $2) }
    ) throws {
      let recipe = Recipe.small {
        $0.data.trainCount = 300
        $0.training.epochs = 1
        $0.checkpoint.everySteps = everySteps
        $0.checkpoint.keep = 20
      }
      try runSession(files, recipe, ranks: ranks) { _ in
        var surroundings = Surroundings()
        surroundings.write = write
        return surroundings
      }
    }

    /// The disk takes the checkpoint of step 6 only when three more steps are done: it still holds the state of step 6.
    @Test(arguments: [1, 3]) func stepsGoOn(ranks: Int) throws {
      let (files, quick) = (try RunFiles(), try RunFiles())
      try train(quick, everySteps: 6)
      let linesBefore = Mutex(0)
      try train(files, everySteps: 6, ranks: ranks) { store, step, content in
        let end = Date(timeIntervalSinceNow: 120)
        while step == 6 && files.lines("metrics.jsonl").count < 9 && Date() < end { usleep(1000) }
        if step == 6 { linesBefore.withLock { $0 = files.lines("metrics.jsonl").count } }
        try store.write(step: step, files: content)
      }
      #expect(linesBefore.withLock { $0 } >= 9)
      try files.checkEqual(to: quick, lastStep: 6)
      try files.checkEqual(to: quick, lastStep: 11)
    }

    /// The next checkpoint waits for the one before it, and says so.
    @Test func oneAtATime() throws {
      let files = try RunFiles()
      let writing = Mutex(0)
      try train(files, everySteps: 2) { store, step, content in
        #expect(
          writing.withLock {
            $0 += 1; return $0
          } == 1)
        // Step 4 is done, and its checkpoint waits.
        let end = Date(timeIntervalSinceNow: 120)
        while step == 2 && files.lines("metrics.jsonl").count < 4 && Date() < end { usleep(1000) }
        if step == 2 { usleep(3_000_000) }
        try store.write(step: step, files: content)
        writing.withLock { $0 -= 1 }
      }
      #expect(try files.text("log.txt").contains("s for the checkpoint of step 2 to be written"))
      #expect(try files.names("checkpoints").count == 6)
    }

    @Test(arguments: [
      (failing: [2, 4], ends: true), (failing: [2, 6, 10], ends: true), (failing: [4, 6, 8], ends: false),
      (failing: [8, 10], ends: true), (failing: [11], ends: false), (failing: [10, 11], ends: false),
    ])
    func failures(failing: [Int], ends: Bool) throws {
      let files = try RunFiles()
      func train() throws {
        try self.train(files, everySteps: 2, ranks: 2) { store, step, content in
          guard !failing.contains(step) else { throw Failure(.inputOutput, "the disk is full") }
          try store.write(step: step, files: content)
        }
      }
      if ends {
        try train()
      } else {
        let failure = #expect(throws: Failure.self) { try train() }
        #expect(failure?.code == .inputOutput && failure?.message.contains("the disk is full") == true)
      }
      let lines = try files.text("log.txt").split(separator: "\n")
      let warnings = lines.filter { $0.hasPrefix("warning: no checkpoint at step") }
      #expect(warnings.count == failing.filter { $0 < 11 }.count)
      let written = [2, 4, 6, 8, 10, 11].filter { !failing.contains($0) && (ends || $0 < failing.max()!) }
      #expect(try Set(files.names("checkpoints")) == Set(written.map { "step-\($0)" }))
    }
  }
}
