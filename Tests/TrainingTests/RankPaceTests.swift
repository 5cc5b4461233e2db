import Communication
import Testing
import Training

extension TrainingTests {
  /// Which rank is said to be slow.
  @Suite struct RankPaces {
    /// What a rank of so many says to rounds of (seconds a step, seconds an example, the clock).
    private func judge(_ rounds: [([Double], [Double], Double)]) -> [(times: RankTimes, warning: String?)] {
      let pace = RankPace(SoloCommunicator(), hosts: rounds[0].0.indices.map { "host\($0)" })
      return rounds.map { pace.judge(steps: $0.0, images: $0.1, now: $0.2) }
    }

    @Test func theFigures() {
      let found = judge([([4, 1, 3, 2, 9], [1, 1, 1, 1, 1], 0)])[0]
      #expect(found.times.minimum == 1 && found.times.median == 3 && found.times.maximum == 9)
      #expect(found.times.slowest == 4 && found.times.host == "host4" && found.warning == nil)
      // Of two, the faster is the middle.
      #expect(judge([([1, 2], [1, 2], 0)])[0].times.median == 1)
    }

    @Test func aRankThatStaysBehindIsNamedNowAndThen() {
      let slow = ([1.0, 1, 2, 1], [0.1, 0.1, 0.2, 0.1])
      let fine = ([1.0, 1, 1, 1], [0.1, 0.1, 0.12, 0.1])
      let rounds = [(slow, 0.0), (slow, 1), (slow, 2), (slow, 602), (fine, 700), (slow, 1300), (slow, 1301)]
      let warnings = judge(rounds.map { ($0.0.0, $0.0.1, $0.1) }).map(\.warning)
      #expect(warnings.map { $0 != nil } == [false, true, false, true, false, false, true])
      #expect(warnings[1]?.contains("rank 2 on host2 ") == true && warnings[1]?.contains("2.0 times") == true)
    }

    /// Four shards instead of three take longer; nobody is slow.
    @Test func unequalSharesAreNoSlowness() {
      let share = ([3.0, 3, 3, 3, 4.2], [0.125, 0.125, 0.125, 0.125, 0.13])
      #expect(judge([(share.0, share.1, 0), (share.0, share.1, 1)]).allSatisfy { $0.warning == nil })
    }

    /// 14 images in shards of 3 are 6 and 8 of them.
    @Test func stepLinesHaveARanksOwnTime() throws {
      let lines = try train(.small { $0.training.epochs = 1 }, ranks: 2)
      for trained in lines {
        #expect(trained.steps.allSatisfy { $0.ownSeconds > 0 && $0.ownSeconds < $0.totalSeconds })
      }
      #expect(lines.map { $0.steps.map(\.ownImages) } == [[12, 12, 6], [12, 12, 8]])
    }
  }
}
