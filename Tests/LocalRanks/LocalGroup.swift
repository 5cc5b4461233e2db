// A group of ranks that are threads of one process: tests see every number of ranks by it, without MPI.

import Communication
import Failures
import Parallelism

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
    var threads: [SystemThread] = []
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
      guard let thread = SystemThread(stackSize: stackSize, work) else {
        refusal = Failure(.internal, "cannot start thread \(rank) of \(size) with \(stackSize >> 20) MiB of stack")
        meeting.rendezvous.leave(rank, refusal)
        break
      }
      threads.append(thread)
    }
    for thread in threads { thread.join() }
    if let error = meeting.rendezvous.firstError { throw error }
    return results.map { $0! }
  }

  private struct Places<Result>: @unchecked Sendable {
    let buffer: UnsafeMutableBufferPointer<Result?>
    init(_ buffer: UnsafeMutableBufferPointer<Result?>) { self.buffer = buffer }
  }
}
