// Work beside the training, on a thread of its own; where there is none to be had, at once.

import Parallelism
import Synchronization

/// One piece of work on one thread, and its outcome.
final class BackgroundTask<Value: Sendable>: Sendable {
  private let outcome: Outcome<Value>
  private let thread: Mutex<SystemThread?>
  /// Whether the work was done by the caller, for want of a thread.
  let wasForeground: Bool

  /// Starts the work; does it, where no thread can be had.
  init(_ work: @escaping @Sendable () throws -> Value) {
    let outcome = Outcome<Value>()
    let perform: @Sendable () -> Void = {
      let result = Result { try work() }
      outcome.value.withLock { $0 = result }
    }
    let thread = SystemThread(stackSize: 4 << 20, perform)
    wasForeground = thread == nil
    self.outcome = outcome
    self.thread = Mutex(thread)
    if wasForeground { perform() }
  }

  /// Waits for the end of the work, which one thread at a time may do; the same outcome on every call.
  func wait() -> Result<Value, any Error> {
    thread.withLock { $0.take() }?.join()
    return outcome.value.withLock { $0! }
  }

  /// Where the thread leaves what came of it.
  private final class Outcome<Kept: Sendable>: Sendable {
    let value = Mutex<Result<Kept, any Error>?>(nil)
  }
}
