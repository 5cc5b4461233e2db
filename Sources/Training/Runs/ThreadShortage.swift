// What a run misses of the threads that it asked for: it goes on with fewer, with the same result.

import Communication
import Parallelism

/// The threads that could not be had, over all ranks.
package struct ThreadShortage: Sendable {
  /// Threads that a rank was to have, and the fewest that one has.
  let asked: Int
  let fewest: Int
  /// Ranks whose watch for ranks that hang has no thread.
  let unwatched: Int

  /// Compares; a call of all ranks.
  init(_ pool: ThreadPool, asked: Int, _ watch: StallWatch?, _ communicator: any Communicator) throws {
    self.asked = try communicator.maximum(asked)
    fewest = asked - (try communicator.maximum(asked - pool.threadCount))
    unwatched = try communicator.sum(watch.map { $0.isWatching ? 0 : 1 } ?? 0)
  }

  /// Lines for the user; none where nothing is missing.
  package var notes: [String] {
    let reason = "no more threads can be had here (ulimit -u, or the container's limit)"
    var notes: [String] = []
    if fewest < asked {
      notes.append("warning: \(reason): a rank computes on \(fewest) instead of \(asked), which is slower")
    }
    if unwatched > 0 {
      notes.append(
        "warning: \(reason): \(unwatched) rank\(unwatched == 1 ? "" : "s") cannot look for ranks that hang")
    }
    return notes
  }
}
