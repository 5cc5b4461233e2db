// The threads of a rank: every piece once, one piece a worker at a time, calls within calls, and an end.

import Glibc
import Parallelism
import Synchronization
import Testing

@Suite struct ThreadPoolTests {
  /// Counts that threads may raise together.
  final class Counts: Sendable {
    private let values: Mutex<[Int]>
    init(_ count: Int) { values = Mutex(Array(repeating: 0, count: count)) }
    func add(_ amount: Int, at index: Int) { values.withLock { $0[index] += amount } }
    var array: [Int] { values.withLock { $0 } }
  }

  @Test(arguments: [1, 2, 3, 4, 16]) func everyPieceExactlyOnce(threads: Int) {
    let pool = ThreadPool(threadCount: threads, cores: threads)
    defer { pool.stop() }
    for round in 0..<400 {
      let count = round % 37
      let counts = Counts(count)
      pool.forEach(count) { piece, worker in
        counts.add(worker < threads ? 1 : 1000, at: piece)
      }
      #expect(counts.array == Array(repeating: 1, count: count), "round \(round)")
    }
  }

  /// What a worker's pieces write without a lock is neither lost nor torn, and is there when the call returns.
  @Test(arguments: [1, 2, 3, 4, 16]) func aWorkerHasOnePieceAtATime(threads: Int) {
    let pool = ThreadPool(threadCount: threads, cores: threads)
    defer { pool.stop() }
    let busy = Counts(threads)
    let collisions = Atomic<Int>(0)
    let sums = UnsafeMutablePointer<Int>.allocate(capacity: threads)
    defer { sums.deallocate() }
    sums.update(repeating: 0, count: threads)
    for _ in 0..<100 {
      pool.forEach(50) { piece, worker in
        busy.add(1, at: worker)
        if busy.array[worker] != 1 { collisions.wrappingAdd(1, ordering: .relaxed) }
        for _ in 0..<10 { sums[worker] += piece }
        busy.add(-1, at: worker)
      }
    }
    #expect(collisions.load(ordering: .relaxed) == 0)
    let total = UnsafeBufferPointer(start: sums, count: threads).reduce(0, +)
    #expect(total == 1_225_000)
  }

  /// A piece may itself call `forEach`: it runs those pieces alone, under its own worker.
  @Test(arguments: [1, 2, 3, 4, 16]) func callsWithinCalls(threads: Int) {
    let pool = ThreadPool(threadCount: threads, cores: threads)
    defer { pool.stop() }
    for _ in 0..<50 {
      let counts = Counts(12 * 7)
      let strangers = Atomic<Int>(0)
      pool.forEach(12) { outer, worker in
        pool.forEach(7) { inner, innerWorker in
          if innerWorker != worker { strangers.wrappingAdd(1, ordering: .relaxed) }
          counts.add(1, at: outer * 7 + inner)
        }
        pool.forEach(1) { _, innerWorker in
          if innerWorker != worker { strangers.wrappingAdd(1, ordering: .relaxed) }
        }
      }
      #expect(counts.array == Array(repeating: 1, count: 12 * 7))
      #expect(strangers.load(ordering: .relaxed) == 0)
    }
  }

  /// Asleep or spinning, used or not: the threads end, and what they wrote stays.
  @Test(arguments: [1, 2, 3, 4, 16]) func stops(threads: Int) {
    for uses in 0..<20 {
      let pool = ThreadPool(threadCount: threads, cores: threads)
      let counts = Counts(1)
      for _ in 0..<uses { pool.forEach(8) { piece, _ in counts.add(piece, at: 0) } }
      pool.stop()
      #expect(counts.array == [28 * uses])
    }
  }

  /// Many more threads than cores, asleep for most of the time: no loop waits for them, and none is lost.
  @Test(arguments: [1, 2, 3]) func moreThreadsThanCores(cores: Int) {
    let pool = ThreadPool(threadCount: 24, cores: cores)
    defer { pool.stop() }
    #expect(pool.threadCount == 24 && pool.concurrency == cores)
    for round in 0..<300 {
      let count = round % 53
      let counts = Counts(count)
      pool.forEach(count) { piece, worker in counts.add(worker < 24 ? 1 : 1000, at: piece) }
      #expect(counts.array == Array(repeating: 1, count: count), "round \(round)")
      // Long enough, now and then, for all to fall asleep.
      if round % 60 == 0 { usleep(2000) }
    }
  }

  /// Pieces that take long are shared: nobody runs a second one while a thread has none.
  @Test func allThreadsTakePart() {
    let pool = ThreadPool(threadCount: 4, cores: 4)
    defer { pool.stop() }
    for _ in 0..<5 {
      usleep(2000)
      let workers = Counts(4)
      pool.forEach(4) { _, worker in
        workers.add(1, at: worker)
        usleep(20_000)
      }
      #expect(workers.array == [1, 1, 1, 1])
    }
  }

  /// No room for the stacks of threads: the caller does all of it.
  @Test func withoutThreads() async {
    await #expect(processExitsWith: .exitCode(0)) {
      // Less than one stack of 4 MiB above what is there.
      guard let file = fopen("/proc/self/statm", "r") else { exit(1) }
      var line = [CChar](repeating: 0, count: 64)
      fgets(&line, 64, file)
      fclose(file)
      let used = rlim_t(strtoul(line, nil, 10)) * rlim_t(sysconf(Int32(_SC_PAGESIZE)))
      var limit = rlimit(rlim_cur: used + (2 << 20), rlim_max: .max)
      guard setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0 else { exit(2) }
      let pool = ThreadPool(threadCount: 5)
      guard pool.threadCount == 1 else { exit(3) }
      var done = 0
      for _ in 0..<3 { pool.forEach(10) { piece, worker in done += worker == 0 ? piece : 1000 } }
      pool.stop()
      exit(done == 135 ? 0 : 4)
    }
  }
}
