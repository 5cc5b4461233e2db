// A number that rises by one at some epochs.

import Options

/// How many moments of a run an epoch is at or past.
struct EpochSteps: Sendable {
  let moments: [Moment]
  /// Of the whole run.
  let epochs: Int

  /// The number in an epoch, from 0.
  func value(epoch: Int) -> Int { moments.count { $0.isReached(epoch: epoch, of: epochs) } }
}
