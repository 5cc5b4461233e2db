// The threads of a rank: our own pthreads inside the rank's mask, spinning shortly for the next piece of work, then asleep.

import Glibc
import Synchronization

/// Runs numbered pieces of work on a fixed set of threads.
///
/// Which thread runs which piece is a race; so a piece's result may depend on its number alone, never on its worker.
package final class ThreadPool: @unchecked Sendable {
  /// Threads, the caller's included: as many as were asked for, or fewer where there were no more to be had.
  package private(set) var threadCount = 1

  /// Calls of `forEach` so far; any thread may ask.
  package var calls: Int { callCount.load(ordering: .relaxed) }

  private let callCount = Atomic<Int>(0)
  private let next = Atomic<Int>(0)
  private let running = Atomic<Int>(0)
  private let generation = Atomic<Int>(0)
  private var count = 0
  private var body: ((Int, Int) -> Void)?
  private var stopping = false
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let wake: UnsafeMutablePointer<pthread_cond_t>
  private var threads: [SystemThread] = []

  /// A pool of `threadCount` threads, of which the caller is one; of fewer where the system has no more.
  package init(threadCount: Int) {
    precondition(threadCount > 0)
    mutex = .allocate(capacity: 1)
    wake = .allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(wake, nil)
    for worker in 1..<max(1, threadCount) {
      guard let thread = SystemThread(stackSize: 4 << 20, { [unowned self] in loop(worker: worker) }) else { break }
      threads.append(thread)
    }
    self.threadCount = 1 + threads.count
  }

  /// Ends the threads. The pool may not be used afterwards; must be called once before the last reference goes.
  package func stop() {
    pthread_mutex_lock(mutex)
    stopping = true
    generation.wrappingAdd(1, ordering: .releasing)
    pthread_cond_broadcast(wake)
    pthread_mutex_unlock(mutex)
    for thread in threads { thread.join() }
    threads = []
  }

  /// Runs `body(piece, worker)` for every piece in 0 ..< count; returns when all are done.
  ///
  /// `worker` is below `threadCount` and no two pieces run under the same worker at once: it may own scratch memory.
  /// A call from within a piece runs its pieces in order under that piece's worker.
  package func forEach(_ count: Int, _ body: (_ piece: Int, _ worker: Int) -> Void) {
    callCount.wrappingAdd(1, ordering: .relaxed)
    if threadCount == 1 || count <= 1 || self.body != nil {
      let worker = currentWorker
      for piece in 0..<count { body(piece, worker) }
      return
    }
    withoutActuallyEscaping(body) { body in
      self.count = count
      self.body = body
      next.store(0, ordering: .relaxed)
      running.store(threadCount - 1, ordering: .relaxed)
      pthread_mutex_lock(mutex)
      generation.wrappingAdd(1, ordering: .releasing)
      pthread_cond_broadcast(wake)
      pthread_mutex_unlock(mutex)
      work(worker: 0)
      while running.load(ordering: .acquiring) != 0 { Self.pause() }
      self.body = nil
    }
  }

  private func work(worker: Int) {
    let body = self.body!
    while true {
      let piece = next.wrappingAdd(1, ordering: .relaxed).oldValue
      if piece >= count { return }
      body(piece, worker)
    }
  }

  /// The worker that this thread is; every other thread may be the caller.
  private var currentWorker: Int {
    (threads.firstIndex { $0.isCurrent } ?? -1) + 1
  }

  private static func pause() { sched_yield() }

  /// What a thread of the pool does until the end.
  private func loop(worker: Int) {
    var seen = 0
    while true {
      var spins = 0
      while generation.load(ordering: .acquiring) == seen && spins < 2000 { spins += 1 }
      if generation.load(ordering: .acquiring) == seen {
        pthread_mutex_lock(mutex)
        while generation.load(ordering: .acquiring) == seen { pthread_cond_wait(wake, mutex) }
        pthread_mutex_unlock(mutex)
      }
      seen += 1
      if stopping { return }
      work(worker: worker)
      running.wrappingSubtract(1, ordering: .releasing)
    }
  }
}
