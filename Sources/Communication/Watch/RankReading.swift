// What another rank reads of a record at one moment, field by field.

/// Where a rank is.
package struct RankReading: Equatable, Sendable {
  package var rank: Int
  package var process: Int
  /// From 1; the step counts the whole run's. 0 before the first.
  package var epoch = 0
  package var step = 0
  package var phase = WorkPhase.starting
  package var part = 0
  /// The collective that the rank is in.
  package var call: WatchedCommunicator.Call?
  /// Changes with whatever the rank does, and with every round of its watch.
  package var progress = 0
  package var rounds = 0

  package init(rank: Int, process: Int) {
    self.rank = rank
    self.process = process
  }
}
