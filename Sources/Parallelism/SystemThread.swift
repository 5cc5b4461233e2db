// A thread of our own. There may be no more threads for this user (ulimit -u, a full container): then there is none, and the
// caller does the work himself or says so. Foundation's Thread drops the error of pthread_create, and its work is never done.

import Glibc

/// A running thread, which whoever made it must join.
package struct SystemThread: Sendable {
  private let handle: pthread_t

  /// Starts a thread; nil if there can be none.
  ///
  /// - Parameters:
  ///   - stackSize: bytes.
  ///   - body: what it does.
  package init?(stackSize: Int, _ body: @escaping @Sendable () -> Void) {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setstacksize(&attributes, stackSize)
    let work = Unmanaged.passRetained(Work(body))
    var handle = pthread_t()
    let status = pthread_create(
      &handle, &attributes,
      { argument in
        // The thread takes over the one reference that was made for it.
        Unmanaged<Work>.fromOpaque(argument!).takeRetainedValue().body()
        return nil
      }, work.toOpaque())
    guard status == 0 else {
      work.release()
      return nil
    }
    self.handle = handle
  }

  /// Whether the calling thread is this one.
  package var isCurrent: Bool { pthread_equal(handle, pthread_self()) != 0 }

  /// Waits for its end; once.
  package func join() { pthread_join(handle, nil) }

  /// Leaves signals to the other threads; called by the thread itself.
  package static func blockSignals() {
    var all = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_BLOCK, &all, nil)
  }

  private final class Work: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
}
