// A sleep that can be ended, by a clock that does not run while the machine is suspended.

import Glibc

/// Where one thread sleeps and another ends its sleep for good.
package final class Pause: @unchecked Sendable {
  // Owned; `hasEnded` is guarded by `mutex`.
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var hasEnded = false

  package init() {
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(condition, &attributes)
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  /// Sleeps so long, or until the end.
  ///
  /// - Returns: false at the end.
  package func wait(seconds: Double) -> Bool {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    var end = timespec()
    clock_gettime(CLOCK_MONOTONIC, &end)
    let nanoseconds = end.tv_nsec + Int(seconds * 1e9)
    end.tv_sec += nanoseconds / 1_000_000_000
    end.tv_nsec = nanoseconds % 1_000_000_000
    while !hasEnded { if pthread_cond_timedwait(condition, mutex, &end) != 0 { break } }
    return !hasEnded
  }

  /// Ends the sleep, and every later one.
  package func end() {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    hasEnded = true
    pthread_cond_broadcast(condition)
  }
}
