// A group of ranks that are threads of one process: for tests, which then see every number of ranks without MPI.

import Failures
import Glibc

/// Ranks as threads.
package enum LocalGroup {
  /// Runs `body` once for each rank, each on its own thread, and waits for all.
  ///
  /// - Parameters:
  ///   - size: ranks, at least 1.
  ///   - stackSize: bytes of stack for each thread.
  /// - Returns: what each rank returned, by rank.
  /// - Throws: the first error any rank threw. The others are ended by an error from the collective that they wait in
  ///   or call next.
  package static func run<Result: Sendable>(
    size: Int, stackSize: Int = 16 << 20, _ body: @escaping @Sendable (any Communicator) throws -> Result
  ) throws -> [Result] {
    precondition(size > 0)
    let meeting = LocalMeeting(size: size)
    // Owned here: each rank writes its own place, and all threads have been joined before it is read or freed.
    let results = UnsafeMutableBufferPointer<Result?>.allocate(capacity: size)
    results.initialize(repeating: nil)
    defer {
      results.deinitialize()
      results.deallocate()
    }
    let places = Places(results)
    var threads: [pthread_t] = []
    var refusal: Failure?
    for rank in 0..<size {
      let work: @Sendable () -> Void = {
        do {
          places.buffer[rank] = try body(LocalCommunicator(rank: rank, meeting: meeting))
          meeting.rendezvous.leave(rank, nil)
        } catch {
          meeting.rendezvous.leave(rank, error)
        }
      }
      guard let thread = start(stackSize: stackSize, work) else {
        refusal = Failure(.internal, "cannot start thread \(rank) of \(size) with \(stackSize >> 20) MiB of stack")
        meeting.rendezvous.leave(rank, refusal)
        break
      }
      threads.append(thread)
    }
    for thread in threads { pthread_join(thread, nil) }
    if let error = meeting.rendezvous.firstError { throw error }
    return results.map { $0! }
  }

  private struct Places<Result>: @unchecked Sendable {
    let buffer: UnsafeMutableBufferPointer<Result?>
    init(_ buffer: UnsafeMutableBufferPointer<Result?>) { self.buffer = buffer }
  }

  private final class Work: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  /// Starts a thread; nil if there can be none.
  static func start(stackSize: Int, _ body: @escaping @Sendable () -> Void) -> pthread_t? {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setstacksize(&attributes, stackSize)
    let work = Unmanaged.passRetained(Work(body))
    var thread = pthread_t()
    let status = pthread_create(
      &thread, &attributes,
      { argument in
        // The thread takes over the one reference that was made for it.
        Unmanaged<Work>.fromOpaque(argument!).takeRetainedValue().body()
        return nil
      }, work.toOpaque())
    if status != 0 { work.release() }
    return status == 0 ? thread : nil
  }
}
