// A barrier of threads that a rank can leave for good: whoever waits for it then, or later, gets an error.

import Failures
import Glibc

/// Where the threads of a group meet.
final class Rendezvous: @unchecked Sendable {
  private let size: Int
  // Owned; guarded by `mutex`: everything below it.
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var arrived = 0
  private var generation = 0
  private var departed: Int?
  private var error: (any Error)?

  init(size: Int) {
    self.size = size
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(condition, nil)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  /// Waits until all have come.
  ///
  /// - Throws: a `Failure` if a rank has left, since then not all can come.
  func meet() throws {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    if let departed { throw Self.left(departed) }
    arrived += 1
    if arrived == size {
      arrived = 0
      generation += 1
      pthread_cond_broadcast(condition)
      return
    }
    let mine = generation
    while generation == mine {
      if let departed { throw Self.left(departed) }
      pthread_cond_wait(condition, mutex)
    }
  }

  /// Leaves for good, with the error that ends the group or without one.
  func leave(_ rank: Int, _ reason: (any Error)?) {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    // The first error is the cause; what it does to ranks that wait is a consequence.
    if error == nil { error = reason }
    if departed == nil { departed = rank }
    pthread_cond_broadcast(condition)
  }

  private static func left(_ rank: Int) -> Failure {
    Failure(.internal, "rank \(rank) has left the group while others wait for it")
  }

  /// The error that ended the group, once all have left.
  var firstError: (any Error)? {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return error
  }
}
