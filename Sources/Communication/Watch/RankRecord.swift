// What a rank keeps where the other ranks of its host can read it: one cheap store a change, by itself alone.

import Glibc
import Synchronization

/// A rank's place on a `NodeBoard`; plain numbers, because processes share it.
struct RankRecord: ~Copyable {
  let rank: Atomic<Int>
  let process: Atomic<Int>
  /// From 1, as messages say them; 0 before the first.
  let epoch = Atomic<Int>(0)
  let step = Atomic<Int>(0)
  /// Of `WorkPhase`.
  let phase = Atomic<Int>(0)
  let part = Atomic<Int>(0)
  /// Counts whatever the rank's own thread does.
  let beats = Atomic<Int>(0)
  /// Of `WatchedCommunicator.Call`; 0 while the rank is in no collective.
  let call = Atomic<Int>(0)
  /// Work that the rank's watch has counted: pieces of its threads, file traffic.
  let work = Atomic<Int>(0)
  /// Counts the rounds of the rank's watch; stands still where the whole process does.
  let rounds = Atomic<Int>(0)
  /// Of the first place on a board: which of the host's ranks has told the user; 0 or its rank plus 1.
  let notice = Atomic<Int>(0)
  let verdict = Atomic<Int>(0)

  init(rank: Int) {
    self.rank = Atomic(rank)
    process = Atomic(Int(getpid()))
  }

  var reading: RankReading {
    var reading = RankReading(
      rank: rank.load(ordering: .relaxed), process: process.load(ordering: .relaxed))
    reading.epoch = epoch.load(ordering: .relaxed)
    reading.step = step.load(ordering: .relaxed)
    reading.phase = WorkPhase(rawValue: phase.load(ordering: .relaxed)) ?? .starting
    reading.part = part.load(ordering: .relaxed)
    reading.call = WatchedCommunicator.Call(rawValue: call.load(ordering: .relaxed))
    reading.progress = beats.load(ordering: .relaxed) &+ work.load(ordering: .relaxed)
    reading.rounds = rounds.load(ordering: .relaxed)
    return reading
  }
}
