// The end of the time that a run has, and when to stop so that a checkpoint fits before it. Rank 0's clock decides.

import Foundation
import Methods

/// A limit of time.
package final class TimeLimit {
  /// On the monotonic clock.
  private let end: Double
  /// What set it, for messages.
  package let source: String
  /// Seconds kept for what cannot be measured: the end of the ranks, the launcher, a busy disk.
  private let reserve: Double
  private var lastAsked: Double?
  /// The longest time between two questions so far: how late a run learns that its time is over.
  private var longestGap = 0.0
  /// Seconds of a checkpoint: measured, or guessed before there is one.
  private var writing: Double

  /// - Parameters:
  ///   - remaining: seconds from now.
  ///   - bytes: of a checkpoint; 50 MB/s are assumed until one was written.
  package init(remaining: Double, source: String, bytes: Int) {
    end = monotonicSeconds() + remaining
    self.source = source
    // A tenth of a short time, so that there is time for anything else.
    reserve = min(10, max(0, remaining) / 10)
    writing = Double(bytes) / 50e6
  }

  /// The nearer of what the user and the batch system say; nil without either.
  ///
  /// - Parameters:
  ///   - maxWall: from the start of the program, which was `age` seconds ago.
  ///   - environment: of the process, for the end of the SLURM job (`JobEnd`).
  package static func nearest(
    maxWall: WallTime?, age: Double, environment: [String: String], bytes: Int
  ) -> TimeLimit? {
    var limits: [(remaining: Double, source: String)] = []
    if let maxWall { limits.append((Double(maxWall.seconds) - age, "--max-wall")) }
    if let remaining = JobEnd.ofThisProcess(environment).remaining {
      limits.append((remaining, "the end of the SLURM job"))
    }
    return limits.min { $0.remaining < $1.remaining }.map {
      TimeLimit(remaining: $0.remaining, source: $0.source, bytes: bytes)
    }
  }

  /// Seconds before the end at which to stop: one checkpoint may be in writing when the last one is due.
  package var margin: Double { reserve + 2 * writing + longestGap }

  /// Takes note of how long a checkpoint took.
  package func note(checkpoint seconds: Double) { writing = max(writing, seconds) }

  /// Whether it is time to stop; asked at every exchange.
  package func isReached() -> Bool {
    let now = monotonicSeconds()
    if let lastAsked { longestGap = max(longestGap, now - lastAsked) }
    lastAsked = now
    return now >= end - margin
  }

  /// A line for the user.
  var announcement: String {
    let left = end - monotonicSeconds()
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.dateFormat = "yyyy-MM-dd HH:mm:ss zzz"
    return "time ends \(formatter.string(from: Date(timeIntervalSinceNow: left))) (\(source)): this run stops for a "
      + "checkpoint \(Int(margin.rounded(.up))) s before, or as long as its steps and checkpoints need"
  }
}
