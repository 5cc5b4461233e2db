// The watch of a rank: a thread that sleeps, wakes about once a second and looks whether anybody on this host moves.

import Parallelism
import Synchronization

/// Watches the ranks of this host, from its making to `stop`.
package final class StallWatch: Sendable {
  private let board: NodeBoard
  private let handler: StallHandler
  private let work: @Sendable () -> Int
  private let rank: Int
  private let tick: Double
  private let pause: Pause
  private let thread: Mutex<SystemThread?>

  /// - Parameters:
  ///   - communicator: whose ranks are watched.
  ///   - board: of this rank, as `communicator` made it.
  ///   - timeout: seconds without progress that end a run, above 0.
  ///   - work: counts what this rank's threads do; called by the watch.
  ///   - handler: what is done about a stall.
  package init(
    _ communicator: any Communicator, _ board: NodeBoard, timeout: Double, work: @escaping @Sendable () -> Int,
    handler: StallHandler
  ) {
    self.board = board
    self.handler = handler
    self.work = work
    rank = communicator.rank
    tick = min(1, timeout / 10)
    pause = Pause()
    thread = Mutex(nil)
    let judge = StallJudge(
      timeout: timeout, tick: tick, hostName: communicator.hostName,
      isWhole: communicator.nodeSize == communicator.size)
    let started = SystemThread(stackSize: 1 << 20) { [self] in watch(judge) }
    thread.withLock { $0 = started }
  }

  /// Whether it looks: there may be no thread for it.
  package var isWatching: Bool { thread.withLock { $0 != nil } }

  /// Ends the watch; this rank is not missed any more.
  package func stop() {
    board.own.pointee.phase.store(WorkPhase.ended.rawValue, ordering: .relaxed)
    pause.end()
    if let thread = thread.withLock({ $0.take() }) { thread.join() }
  }

  private func watch(_ judge: StallJudge) {
    // Signals are for the thread that trains.
    SystemThread.blockSignals()
    var judge = judge
    var traffic = FileTraffic()
    var hasNoticed = false
    let own = board.own
    while pause.wait(seconds: tick) {
      own.pointee.rounds.store(own.pointee.rounds.load(ordering: .relaxed) &+ 1, ordering: .relaxed)
      own.pointee.work.store(work() &+ traffic.count(), ordering: .relaxed)
      switch judge.judge(board.readings()) {
      case nil:
        if hasNoticed { board.first.pointee.notice.store(0, ordering: .relaxed) }
        hasNoticed = false
      case .waits(let line):
        if claim(board.first.pointee.notice) {
          hasNoticed = true
          handler.say(line)
        }
      case .stalled(let failure):
        if claim(board.first.pointee.verdict) { return handler.end(failure) }
        // The launcher ends those whose neighbour has ended; where it does not, they end themselves.
        guard pause.wait(seconds: 3) else { return }
        return handler.end(nil)
      }
    }
  }

  /// Whether this rank is the first of its host.
  private func claim(_ place: borrowing Atomic<Int>) -> Bool {
    place.compareExchange(expected: 0, desired: rank + 1, ordering: .relaxed).exchanged
  }
}
