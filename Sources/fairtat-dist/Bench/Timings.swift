// How often a body ran and how long it took: the best, and the median of several rounds.

import CPlatform
import Communication
import Fairness

/// Seconds of one repetition.
struct Timings: Encodable {
  private(set) var best = Double.infinity
  private(set) var median = Double.infinity

  /// - Parameter rounds: the mean seconds of a repetition, by round.
  init(_ rounds: [Double]) {
    best = rounds.min() ?? .infinity
    median = Quantiles.value(0.5, ofSorted: rounds.sorted())
  }

  /// Runs bodies in turn, so that what happens to the machine happens to all of them; on all ranks at the same time.
  ///
  /// - Parameters:
  ///   - seconds: for each body, all rounds together; a body runs at least once a round.
  /// - Returns: for each body the figures of the slowest rank; a call of all ranks.
  static func interleaved(
    _ bodies: [() -> Void], seconds: Double, rounds: Int = 5, _ communicator: any Communicator
  ) throws -> [Timings] {
    var times = bodies.map { _ in [Double]() }
    for body in bodies { body() }
    for _ in 0..<rounds {
      for (index, body) in bodies.enumerated() {
        try communicator.barrier()
        let start = platform_seconds()
        var now = start
        var repetitions = 0
        repeat {
          body()
          repetitions += 1
          now = platform_seconds()
        } while now - start < seconds / Double(rounds)
        times[index].append((now - start) / Double(repetitions))
      }
    }
    return try times.map { rounds in try Timings(rounds.map { try communicator.slowest($0) }) }
  }
}
