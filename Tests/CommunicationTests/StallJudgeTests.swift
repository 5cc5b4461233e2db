import Communication
import Failures
import Testing

/// Four ranks of a host, judged round by round: a timeout of 10 rounds of a second.
@Suite struct StallJudgeTests {
  private func ranks(_ change: (inout RankReading) -> Void = { _ in }) -> [RankReading] {
    (0..<4).map {
      var reading = RankReading(rank: 4 + $0, process: 100 + $0)
      (reading.epoch, reading.step, reading.phase, reading.part) = (2, 17, .attack, 3)
      change(&reading)
      return reading
    }
  }

  /// The first verdict and its round, where `ranks(round)` is read in each.
  private func verdict(
    isWhole: Bool = true, rounds: Int = 100, _ ranks: (Int) -> [RankReading]
  ) -> (round: Int, verdict: StallJudge.Verdict)? {
    var judge = StallJudge(timeout: 10, tick: 1, hostName: "b", isWhole: isWhole)
    for round in 0..<rounds {
      let readings = ranks(round).map { reading in
        var reading = reading
        // A watch that runs counts its rounds.
        if reading.rounds == 0 { reading.rounds = round + 1 }
        return reading
      }
      if let verdict = judge.judge(readings) { return (round, verdict) }
    }
    return nil
  }

  private func message(_ verdict: StallJudge.Verdict?) -> String {
    guard case .stalled(let failure) = verdict, failure.code == .stalled else { return "" }
    return failure.message
  }

  @Test func theRankThatWaitsForNobodyIsNamed() throws {
    let found = try #require(verdict { _ in ranks { $0.call = $0.rank == 6 ? nil : .gather } })
    #expect(found.round == 10)
    #expect(
      message(found.verdict).hasPrefix(
        "stalled: rank 6 on b (process 102) has not moved for 10 s, in epoch 2, step 17, at attack step 3; the others of "
          + "this host wait; "))
  }

  /// A stopped process may have been in a collective; its watch stands still too.
  @Test func aStoppedRankIsNamedWhereverItWas() throws {
    let found = try #require(
      verdict { _ in
        ranks {
          $0.call = .gather
          if $0.rank == 5 { $0.rounds = 40 }
        }
      })
    #expect(message(found.verdict).hasPrefix("stalled: rank 5 on b (process 101)"))
    #expect(message(found.verdict).contains("its process is stopped"))
  }

  @Test func whoeverMovesKeepsTheRunAlive() {
    for mover in 4..<8 {
      #expect(
        verdict { round in
          ranks {
            $0.call = $0.rank == mover ? nil : .reduce
            // Once in 9 rounds.
            if $0.rank == mover { $0.progress = round / 9 }
          }
        } == nil)
    }
  }

  @Test func theClockBeginsWithTheLastMove() {
    #expect(verdict { round in ranks { $0.progress = $0.rank == 7 ? min(round, 25) : 0 } }?.round == 35)
  }

  @Test func ranksThatAllWait() throws {
    let whole = try #require(verdict { _ in ranks { $0.call = $0.rank == 4 ? .barrier : .gather } })
    #expect(whole.round == 10)
    #expect(
      message(whole.verdict).contains(
        "all ranks of b wait for each other since 10 s, rank 4 in a barrier, rank 5 in an all-gather,"))
    // Ranks of another host may be at long work.
    var judge = StallJudge(timeout: 10, tick: 1, hostName: "b", isWhole: false)
    let verdicts = (0...20).map { round in
      judge.judge(
        ranks {
          $0.call = .gather
          $0.rounds = round
        })
    }
    #expect(verdicts[0..<10].allSatisfy { $0 == nil })
    for verdict in verdicts[10..<20] {
      guard case .waits(let line) = verdict else {
        Issue.record("\(verdict as Any)")
        return
      }
      #expect(line.hasPrefix("all ranks of b wait for other hosts since 1"))
    }
    #expect(message(verdicts[20]).hasPrefix("stalled: all ranks of b wait for other hosts since 20 s"))
  }

  @Test func whoHasEndedIsNotMissed() throws {
    #expect(verdict { _ in ranks { $0.phase = .ended } } == nil)
    let found = try #require(
      verdict { _ in
        ranks {
          if $0.rank < 6 { $0.phase = .ended }
          if $0.rank == 6 { $0.call = .barrier }
        }
      })
    #expect(message(found.verdict).hasPrefix("stalled: rank 7 on b"))
  }

  @Test func theAccountOfTheKernel() {
    let account = "rchar: 1000\nwchar: 24\nsyscr: 7\nsyscw: 9\nread_bytes: 4096\nwrite_bytes: 8192\n"
    #expect(FileTraffic.bytes(account) == 1024)
    #expect(FileTraffic.bytes("") == 0)
  }
}
