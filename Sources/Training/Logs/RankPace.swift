// How long each rank's own work takes, so that a slow host is found: a step is as fast as its slowest rank.

import Communication
import Foundation

/// Gathers the ranks' times now and then, and notices one that stays behind.
package final class RankPace {
  /// A rank that takes so many times the median, for an example, is said to be slow.
  package static let slow = 1.3
  /// Seconds between two such lines.
  package static let patience = 600.0

  private let communicator: any Communicator
  private let hosts: [String]
  private var (seconds, images, steps) = (0.0, 0, 0)
  private var suspect: Int?
  private var lastWarning = -Double.infinity

  /// - Parameter hosts: the names of the ranks' hosts, by rank.
  package init(_ communicator: any Communicator, hosts: [String]) {
    self.communicator = communicator
    self.hosts = hosts
  }

  /// Counts a step.
  func add(_ line: StepLine) {
    seconds += line.ownSeconds
    images += line.ownImages
    steps += 1
  }

  /// The times since the last call, and a line about a slow rank; a call of all ranks.
  ///
  /// - Parameter now: seconds of a clock.
  func take(now: Double) throws -> (times: RankTimes, warning: String?) {
    let own = [seconds / Double(max(1, steps)), images == 0 ? 0 : seconds / Double(images)]
    (seconds, images, steps) = (0, 0, 0)
    let all = try communicator.allGather(own.withUnsafeBytes { Array($0) }).map { bytes in
      bytes.withUnsafeBytes { Array($0.bindMemory(to: Double.self)) }
    }
    return judge(steps: all.map { $0[0] }, images: all.map { $0[1] }, now: now)
  }

  /// - Parameters:
  ///   - steps: by rank, seconds of own work a step.
  ///   - images: by rank, the same an example; 0 for a rank that held none.
  package func judge(steps: [Double], images: [Double], now: Double) -> (times: RankTimes, warning: String?) {
    let slowest = steps.indices.max { steps[$0] < steps[$1] }!
    let times = RankTimes(
      minimum: steps.min()!, median: Self.median(steps), maximum: steps[slowest], slowest: slowest, host: hosts[slowest]
    )
    // Ranks may hold unequal numbers of examples: whether one is slow shows an example.
    let held = images.indices.filter { images[$0] > 0 }
    guard let behind = held.max(by: { images[$0] < images[$1] }),
      images[behind] > Self.slow * Self.median(held.map { images[$0] })
    else {
      suspect = nil
      return (times, nil)
    }
    defer { suspect = behind }
    // Once may be chance.
    guard suspect == behind, now - lastWarning >= Self.patience else { return (times, nil) }
    lastWarning = now
    let factor = images[behind] / Self.median(held.map { images[$0] })
    return (
      times,
      String(
        format: "warning: rank %d on %@ takes %.1f times as long as the middle rank for an example; all wait for it",
        behind, hosts[behind], factor)
    )
  }

  /// The middle; the lower of two.
  private static func median(_ values: [Double]) -> Double { values.sorted()[(values.count - 1) / 2] }
}
