import Checkpoints
import Communication
import Failures
import Foundation
import Recipes
import Testing
import Training

extension TrainingTests {
  /// Signals, limits of time and the file STOP: a checkpoint, and then the undisturbed run.
  @Suite struct Stops {
    /// Two epochs of three steps; everything is judged after each, in blocks of two images.
    static let recipe = Recipe.small {
      $0.checkpoint.everySteps = 2
      $0.evaluation.every = 1
      $0.evaluation.averagesEvery = 1
      $0.evaluation.batch = 2
    }
    /// The exchanges of a step: three passes by 17 normalisations, forward and backward, and the small sums.
    private static let step = 3 * 34 + 1

    private static let undisturbed = Result { () throws -> RunFiles in
      let files = try RunFiles()
      try runSession(files, recipe, ranks: 2)
      return files
    }

    @discardableResult
    private func expect(_ code: ExitCode, _ part: String, _ body: () throws -> Void) -> Failure? {
      let failure = #expect(throws: Failure.self) { try body() }
      #expect(failure?.code == code && failure?.message.contains(part) == true, "\(failure?.message ?? "")")
      return failure
    }

    /// In the first step, in the middle of a later one, and in every block of both epochs' ends; on one, two and three
    /// ranks by turns.
    @Test func logsAfterManySignals() throws {
      let files = try RunFiles()
      func stopped(ranks: Int, exchange: Int, step: Int) throws {
        // Lives without progress are another test's.
        try? FileManager.default.removeItem(atPath: "\(files.run)/lives.jsonl")
        expect(.requeue, "checkpointed at step \(step) for a signal") {
          try runSession(files, Self.recipe, ranks: ranks) {
            $0 == ranks - 1 ? .signal(atExchange: exchange) : Surroundings()
          }
        }
      }
      try stopped(ranks: 2, exchange: 7, step: 0)
      try stopped(ranks: 3, exchange: Self.step + 50, step: 1)
      for epoch in 0..<2 {
        let last = 3 * epoch + 3
        // Three ranks: two blocks of validation, two of test, clean and attacked, for the weights and the two averages; at the
        // end of each of these 24 an exchange, and whenever a quarter of a second has passed.
        try stopped(ranks: 3, exchange: (epoch == 0 ? 2 : 3) * Self.step, step: last)
        #expect(files.lines("metrics.jsonl").count == 4 * epoch + 3)
        for block in stride(from: 1, to: 24, by: 2) { try stopped(ranks: 3, exchange: block, step: last) }
        #expect(try files.digests().count == epoch)
        if epoch == 0 { try stopped(ranks: 3, exchange: 24, step: last) }
      }
      try runSession(files, Self.recipe, ranks: 1)
      try files.checkEqual(to: Self.undisturbed.get())
      #expect(try files.names().contains { $0.contains(".cut-") } == false)
    }

    /// Stopped in validation, then killed when the epoch's line stands but its checkpoint does not: the line is cut, because
    /// the epoch ends again.
    @Test func anEpochThatEndsTwice() throws {
      let files = try RunFiles()
      expect(.requeue, "step 3") {
        try runSession(files, Self.recipe, ranks: 2) { _ in .signal(atExchange: 3 * Self.step + 1) }
      }
      #expect(throws: (any Error).self) {
        try runSession(
          files, Self.recipe, ranks: 2,
          wrap: { communicator in
            FailingCommunicator(communicator) { files.lines("metrics.jsonl").count == 4 }
          })
      }
      #expect(try files.digests().count == 1)
      try runSession(files, Self.recipe, ranks: 3)
      try files.checkEqual(to: Self.undisturbed.get())
      #expect(files.lines("metrics.jsonl.cut-1").count == 1)
    }

    // MARK: - Time

    /// The time of a life is over before its first exchange: nothing is lost, and the third such life is refused once.
    @Test func noProgress() throws {
      let files = try RunFiles()
      expect(.requeue, "step 2 for a signal") {
        try runSession(files, Self.recipe, ranks: 2) { _ in .signal(atExchange: 2 * Self.step) }
      }
      for round in 0..<2 {
        for _ in 0..<2 {
          expect(.requeue, "step 2 for --max-wall") {
            try runSession(files, Self.recipe, ranks: 2) { $0 == 0 ? .limit(0) : Surroundings() }
          }
        }
        expect(.internal, "the last 2 starts were stopped before step 3 was done") {
          try runSession(files, Self.recipe, ranks: 3) { _ in round == 0 ? .limit(0) : Surroundings() }
        }
      }
      try runSession(files, Self.recipe, ranks: 2)
      try files.checkEqual(to: Self.undisturbed.get())
    }

    /// A life that was killed in writing was stopped all the same; one killed before that, and half a line, do not count.
    @Test func livesThatWereKilled() throws {
      let files = try RunFiles()
      func fail(_ lives: String) throws -> Int {
        try FileManager.default.createDirectory(atPath: files.run, withIntermediateDirectories: true)
        try lives.write(toFile: "\(files.run)/lives.jsonl", atomically: true, encoding: .utf8)
        do {
          try runSession(files, Self.recipe, ranks: 1) { _ in .limit(0) }
        } catch let failure as Failure {
          return Int(failure.code.rawValue)
        }
        return 0
      }
      func life(_ event: String, _ step: Int) -> String {
        #"{"event":"\#(event)","position":{"epoch":0,"step":\#(step)},"time":"2026-01-01T00:00:00Z"}"# + "\n"
      }
      let (started, stopped) = (life("started", 0), life("stopped", 0))
      #expect(try fail(started + stopped + started + stopped) == 70)
      #expect(try fail(started + stopped + started + stopped + #"{"event":"sta"#) == 70)
      #expect(try fail(started + stopped + started + stopped + life("refused", 0)) == 75)
      #expect(try fail(started + stopped + started + stopped + started) == 75)
      #expect(try fail(started + started + stopped) == 75)
      #expect(try fail(life("started", 1) + life("stopped", 1) + started + stopped) == 75)
      #expect(try fail("\n{}\nnonsense\n") == 75)
    }

    @Test(
      arguments: [
        ("3600", 3600), ("90m", 5400), ("2h30m", 9000), ("1d", 86_400), ("1d2h3m4s", 93_784), ("45s", 45),
        ("10:00", 600), ("01:30:00", 5400), ("1-00", 86_400), ("1-02:30", 95_400), ("1-00:00:00", 86_400),
        ("0-00:00:30", 30), ("100:00:00", 360_000),
        ("", nil), ("0", nil), ("-5", nil), ("1.5h", nil), ("m", nil), ("30m2h", nil), ("2h2h", nil), ("5h30", nil),
        ("1:60", nil), ("1:", nil), (":30", nil), ("1:2:3:4", nil), ("1-", nil), ("-1:00", nil), ("1-1-1", nil),
        ("ten", nil), ("99999999999999999999", nil), ("٣", nil),
      ] as [(String, Int?)])
    func lengthsOfTime(text: String, seconds: Int?) { #expect(WallTime(text)?.seconds == seconds) }

    /// The nearer limit holds, and the margin follows what checkpoints take.
    @Test func limitsOfTime() {
      func nearest(_ maxWall: String?, age: Double = 0, end: String? = nil) -> TimeLimit? {
        TimeLimit.nearest(
          maxWall: maxWall.flatMap { WallTime($0) }, age: age,
          environment: end.map { ["SLURM_JOB_END_TIME": $0] } ?? [:], bytes: 100_000_000)
      }
      let now = Int(Date().timeIntervalSince1970)
      #expect(nearest(nil) == nil && nearest(nil, end: "soon") == nil)
      #expect(nearest("1h", end: "\(now + 7200)")?.source == "--max-wall")
      #expect(nearest("3h", end: "\(now + 7200)")?.source == "the end of the SLURM job")
      let limit = nearest("1h")!
      // 10 s, and twice 100 MB at 50 MB/s.
      #expect(limit.margin == 14 && !limit.isReached())
      limit.note(checkpoint: 30)
      #expect(limit.margin >= 70 && limit.margin < 71)
      #expect(nearest("1h", age: 3500, end: nil).map { !$0.isReached() } == true)
      #expect(nearest("1h", age: 3597, end: nil).map { $0.isReached() } == true)
      // Left over from another job.
      #expect(nearest(nil, end: "\(now - 5)") == nil && nearest("1h", end: "\(now - 5)")?.source == "--max-wall")
    }

    // MARK: - The file STOP

    @Test func theFileStops() throws {
      let files = try RunFiles()
      let stop = "\(files.run)/STOP"
      let last = try runSession(files, Self.recipe, ranks: 2) { rank in
        var surroundings = Surroundings()
        var asked = 0
        surroundings.signalled = {
          asked += 1
          if rank == 0, asked == 10 {
            _ = FileManager.default.createFile(atPath: stop, contents: nil)
            // It is looked at once a second.
            sleep(1)
          }
          return false
        }
        return surroundings
      }
      #expect(last == nil)
      #expect(try files.names("checkpoints") == ["step-0"])
      #expect(try files.names().filter { $0.hasPrefix("STOP") } == ["STOPPED"])
      #expect(try files.text("log.txt").contains("STOP is named STOPPED; start the same command again"))
      // One that lies there at the start: the user does not want the run.
      _ = FileManager.default.createFile(atPath: stop, contents: nil)
      #expect(try runSession(files, Self.recipe, ranks: 3) == nil)
      #expect(try files.names().filter { $0.hasPrefix("STOP") } == ["STOPPED"])
      #expect(files.lines("metrics.jsonl").isEmpty)
      try runSession(files, Self.recipe, ranks: 2)
      try files.checkEqual(to: Self.undisturbed.get())
    }
  }
}
