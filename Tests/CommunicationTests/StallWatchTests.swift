import Communication
import Failures
import Foundation
import LocalRanks
import Synchronization
import Testing

/// The watches of ranks that are threads, while one of them is busy, or hangs.
@Suite(.serialized) struct StallWatchTests {
  /// What the watches did.
  private final class Record: Sendable {
    let ends = Mutex<[Failure?]>([])
    var failures: [Failure] { ends.withLock { $0.compactMap { $0 } } }
  }

  /// Rank 1 of three does `work` while the others wait for it; all watch with a timeout of 2 s.
  ///
  /// - Parameter work: is given what counts as work of its threads, and what the watches did so far.
  private func run(_ work: @escaping @Sendable (Heartbeat, borrowing Atomic<Int>, Record) throws -> Void) throws
    -> Record
  {
    let record = Record()
    _ = try LocalGroup.run(size: 3) { group in
      let count = Count()
      let board = try group.makeNodeBoard()
      let heartbeat = Heartbeat(board)
      let watch = StallWatch(
        group, board, timeout: 2, work: { count.value.load(ordering: .relaxed) },
        handler: StallHandler(say: { _ in }, end: { failure in record.ends.withLock { $0.append(failure) } }))
      defer { watch.stop() }
      let watched = WatchedCommunicator(group, heartbeat)
      heartbeat.enter(epoch: 3, step: 41)
      heartbeat.enter(.training)
      if group.rank == 1 { try work(heartbeat, count.value, record) }
      try watched.barrier()
    }
    return record
  }

  private final class Count: Sendable {
    let value = Atomic<Int>(0)
  }

  @Test func aRankInAnEndlessLoopIsNamedOnce() throws {
    let record = try run { _, _, record in
      let end = ContinuousClock.now + .seconds(120)
      while record.failures.isEmpty && ContinuousClock.now < end { usleep(1000) }
    }
    let failure = try #require(record.failures.first)
    #expect(record.failures.count == 1 && failure.code == .stalled)
    #expect(failure.message.contains("rank 1 on "))
    #expect(failure.message.contains("process \(getpid())"))
    #expect(failure.message.contains("in epoch 3, step 41, at the training pass; the others of this host wait"))
  }

  /// 5 s, each, without a collective.
  @Test func workOfThreadsIsProgress() throws {
    let record = try run { _, count, _ in
      for _ in 0..<25 {
        usleep(200_000)
        count.add(1, ordering: .relaxed)
      }
    }
    #expect(record.ends.withLock { $0.isEmpty })
  }

  @Test func phasesAreProgress() throws {
    let record = try run { heartbeat, _, _ in
      for part in 0..<25 {
        usleep(200_000)
        heartbeat.enter(.evaluation, part: part)
      }
    }
    #expect(record.ends.withLock { $0.isEmpty })
  }

  /// A checkpoint to a slow disk.
  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/proc/self/io"), "the kernel keeps no account of files"))
  func slowWritingIsProgress() throws {
    let record = try run { _, _, _ in
      let path = NSTemporaryDirectory() + "stall-\(UUID().uuidString)"
      defer { try? FileManager.default.removeItem(atPath: path) }
      let piece = Data(count: FileTraffic.unit)
      for _ in 0..<25 {
        usleep(200_000)
        try piece.write(to: URL(fileURLWithPath: path))
      }
    }
    #expect(record.ends.withLock { $0.isEmpty })
  }

  @Test func timeInCollectivesIsWaiting() throws {
    let waited = try LocalGroup.run(size: 2) { group in
      let heartbeat = Heartbeat()
      let watched = WatchedCommunicator(group, heartbeat)
      // Both are there, and one is a second late.
      try group.barrier()
      if group.rank == 1 { sleep(1) }
      try watched.barrier()
      let first = heartbeat.takeWaited()
      return [first, heartbeat.takeWaited()]
    }
    #expect(waited[0][0] > 0.5 && waited[1][0] < waited[0][0] && waited[0][1] == 0)
  }
}
