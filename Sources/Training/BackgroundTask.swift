// Work beside the training, on a thread of its own.

import Foundation
import Synchronization

/// One piece of work on one thread, and its outcome.
final class BackgroundTask<Value: Sendable>: Sendable {
  private let outcome = Mutex<Result<Value, any Error>?>(nil)
  private let ended = DispatchSemaphore(value: 0)

  /// Starts the work.
  init(_ work: @escaping @Sendable () throws -> Value) {
    Thread.detachNewThread { [self] in
      let result = Result { try work() }
      outcome.withLock { $0 = result }
      ended.signal()
    }
  }

  /// Waits for the end of the work; the same outcome on every call.
  func wait() -> Result<Value, any Error> {
    ended.wait()
    ended.signal()
    return outcome.withLock { $0! }
  }
}
