// The threads of a rank: our own pthreads inside the rank's mask.
//
// A step makes a thousand parallel loops and more, so a loop must cost next to nothing while all threads are awake. It is one
// atomic number, the pieces that nobody has taken: the caller stores it, whoever wants some subtracts as many, and the loop is
// over when as many pieces are done as it had. Nobody has to take part: a thread that comes late finds no piece, and a thread
// that holds one keeps the loop open. Threads look for pieces for some time, then sleep; they are woken only where fewer are
// awake than the rank has cores, so that more threads than cores do no harm.

import CPlatform
import Glibc
import Synchronization

/// Runs numbered pieces of work on a fixed set of threads.
///
/// Which thread runs which piece is a race; so a piece's result may depend on its number alone, never on its worker.
package final class ThreadPool: @unchecked Sendable {
  /// Threads, the caller's included: as many as were asked for, or fewer where there were no more to be had.
  package private(set) var threadCount = 1

  /// Pieces that run at the same time at the most: no more threads are kept awake than there are cores.
  package var concurrency: Int { min(threadCount, cores) }

  /// Whether a loop is at work: a piece that asks runs in it, and loops of its own run on its thread alone.
  package var isAtWork: Bool { body != nil }

  /// Calls of `forEach` so far; any thread may ask.
  package var calls: Int { callCount.load(ordering: .relaxed) }

  // Written by the caller before the pieces are; read by who holds one.
  private var count = 0
  private var body: ((Int, Int) -> Void)?
  private var threads: [SystemThread] = []
  private let asked: Int
  /// Threads that may be awake at once, the caller's included.
  private let cores: Int
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let wake: UnsafeMutablePointer<pthread_cond_t>
  private let callCount = Atomic<Int>(0)
  private let sleepers = Atomic<Int>(0)
  // Each in cache lines of its own: all threads read the one while they wait, and write the other when they are done.
  private let before = InlineArray<16, Int>(repeating: 0)
  /// Pieces that nobody has taken; none or less between loops, `ended` at the end.
  private let left = Atomic<Int>(0)
  private let between = InlineArray<16, Int>(repeating: 0)
  private let done = Atomic<Int>(0)
  private let after = InlineArray<16, Int>(repeating: 0)

  private static let ended = Int.min / 2
  /// How often a thread looks for pieces before it sleeps: some 50 µs.
  private static let patience = 1500

  /// A pool of `threadCount` threads, of which the caller is one; of fewer where the system has no more.
  ///
  /// - Parameter cores: how many may be awake at once; where not given, as many as this process may use.
  package init(threadCount: Int, cores: Int? = nil) {
    precondition(threadCount > 0)
    asked = threadCount
    self.cores = max(1, cores ?? Self.availableCores)
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

  /// The cores of the process's mask, or what its control group grants where that is less.
  private static var availableCores: Int {
    let quota = platform_core_quota()
    return min(Int(platform_core_count()), quota > 0 ? Int(quota.rounded(.up)) : .max)
  }

  /// Ends the threads. The pool may not be used afterwards; must be called once before the last reference goes.
  package func stop() {
    pthread_mutex_lock(mutex)
    left.store(Self.ended, ordering: .sequentiallyConsistent)
    pthread_cond_broadcast(wake)
    pthread_mutex_unlock(mutex)
    for thread in threads { thread.join() }
    threads = []
  }

  /// Runs `body(piece, worker)` for every piece in 0 ..< count; returns when all are done.
  ///
  /// `worker` is below `threadCount` and no two pieces run under the same worker at once: it may own scratch memory. Pieces
  /// are taken in their order, often neighbours by one thread. A call from within a piece runs its pieces in order under that
  /// piece's worker.
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
      done.store(0, ordering: .relaxed)
      left.store(count, ordering: .sequentiallyConsistent)
      wakeSleepers(most: count - 1)
      work(worker: 0)
      var looks = 0
      while done.load(ordering: .acquiring) != count {
        // Behind a thread that has lost its core, waiting in earnest would take the core that it needs.
        if looks < Self.patience { platform_pause() } else { sched_yield() }
        looks += 1
      }
      self.body = nil
    }
  }

  private func work(worker: Int) {
    let mine = takePieces(worker)
    if mine > 0 { done.wrappingAdd(mine, ordering: .releasing) }
  }

  /// Runs pieces until there are none left; says how many. The loop cannot end before they count as done, so `count` and `body`
  /// stay its own.
  ///
  /// Not inlined: no reference to the body, which lives in the caller's frame, may outlast this.
  @inline(never)
  private func takePieces(_ worker: Int) -> Int {
    var mine = 0
    while true {
      let open = left.load(ordering: .relaxed)
      guard open > 0 else { return mine }
      // A few neighbours at once while there are many, so that threads seldom meet at the number; in the end one by one.
      let most = max(1, open / (4 * concurrency))
      let taken = left.wrappingSubtract(most, ordering: .acquiring).oldValue
      guard taken > 0 else { return mine }
      let first = count - taken
      let pieces = first..<first + min(most, taken)
      for piece in pieces { body!(piece, worker) }
      mine += pieces.count
    }
  }

  /// Wakes as many as there are pieces and idle cores for. A thread that is about to sleep sees the pieces, or is counted here.
  private func wakeSleepers(most: Int) {
    let asleep = sleepers.load(ordering: .sequentiallyConsistent)
    guard asleep > 0 else { return }
    let awake = asked - asleep
    let wanted = min(most + 1, cores) - awake
    guard wanted > 0 else { return }
    pthread_mutex_lock(mutex)
    for _ in 0..<min(wanted, asleep) { pthread_cond_signal(wake) }
    pthread_mutex_unlock(mutex)
  }

  /// The worker that this thread is; every other thread may be the caller.
  private var currentWorker: Int {
    (threads.firstIndex { $0.isCurrent } ?? -1) + 1
  }

  /// What a thread of the pool does until the end.
  private func loop(worker: Int) {
    while true {
      var looks = 0
      while left.load(ordering: .acquiring) <= 0 && looks < Self.patience && !isCrowded {
        platform_pause()
        looks += 1
      }
      if left.load(ordering: .acquiring) <= 0 && !sleep() { return }
      work(worker: worker)
    }
  }

  /// Whether more are awake than there are cores.
  private var isCrowded: Bool { asked - sleepers.load(ordering: .relaxed) > cores }

  /// Sleeps until there are pieces; false at the end.
  private func sleep() -> Bool {
    pthread_mutex_lock(mutex)
    sleepers.wrappingAdd(1, ordering: .sequentiallyConsistent)
    var now = left.load(ordering: .sequentiallyConsistent)
    while now <= 0 && now > Self.ended / 2 {
      pthread_cond_wait(wake, mutex)
      now = left.load(ordering: .sequentiallyConsistent)
    }
    sleepers.wrappingSubtract(1, ordering: .sequentiallyConsistent)
    pthread_mutex_unlock(mutex)
    return now > 0
  }
}
