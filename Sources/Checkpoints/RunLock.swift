// Keeps two jobs from writing to one run directory, and lets a new job in after one that died.
//
// Files in the run directory, each made whole under another name and then linked, which fails where the name is taken:
//   lock              the record of the holder
//   .lock.claim-T     the record of one who wants to replace the stale lock with token T
// A stale lock T is replaced by whoever makes the claim to T, by one rename over it. Tokens never return, so a claim to T
// made after T was replaced finds another token in the lock and is given up: two takers cannot both win. The claim of a
// taker that died is stale by the same rule, and can be claimed itself.
// The holder writes its heartbeats into the file it made, not to the name: should it have been taken for dead, it cannot
// touch the lock of its successor, and finds out; should its directory have been moved, they reach the lock there.

import Failures
import Foundation
import Parallelism
import Platform
import Synchronization

/// A held lock. It is released by `release()` or when it is dropped; a killed holder is recognised by others.
package final class RunLock: Sendable {
  /// The lock file.
  package let path: String
  /// What was found and taken over, as a line for the user; nil where nothing was.
  package let note: String?
  private let descriptor: Int32
  private let state: Mutex<State>
  private let pause = Pause()

  private struct State {
    var record: LockRecord
    var released = false
    /// The thread that beats.
    var beating: SystemThread?
    /// When `beat(every:)` last did, on the monotonic clock.
    var beaten = 0
  }

  private init(path: String, note: String?, descriptor: Int32, record: LockRecord) {
    self.path = path
    self.note = note
    self.descriptor = descriptor
    state = Mutex(State(record: record))
  }

  deinit {
    release()
    close(descriptor)
  }

  /// Takes the lock, or says who has it.
  /// - Parameters:
  ///   - path: the lock file; its directory exists.
  ///   - place: what is locked and how to choose another, for the message; the run directory where not given.
  ///   - staleAfter: seconds without a heartbeat after which a holder on another host is taken for dead.
  ///   - job: the number of the batch job.
  /// - Throws: `Failure(.cannotCreate)` naming host, pid, job and the age of the heartbeat of the holder, or the reason
  ///   why no lock can be made.
  package static func acquire(
    _ path: String, place: (name: String, cure: String)? = nil, staleAfter: Double = 120,
    job: String? = ProcessInfo.processInfo.environment["SLURM_JOB_ID"]
  ) throws -> RunLock {
    let candidate = try LockCandidate(beside: path, record: LockRecord(job: job))
    defer { candidate.discard() }
    for _ in 0..<8 {
      if try candidate.place(at: path) {
        try candidate.replace(path)
        return lock(path, candidate, note: nil, staleAfter)
      }
      guard let seen = LockSighting(path, now: candidate.made) else { continue }
      guard let reason = seen.staleness(limit: staleAfter) else {
        throw Failure(
          .cannotCreate,
          "\(place?.name ?? "run directory \(Path.parent(of: path))") is in use by \(seen.holder), last heartbeat "
            + "\(max(0, Int(seen.age.rounded()))) s ago: wait for it, end it, or choose another place with "
            + (place?.cure ?? "--run"))
      }
      var claims: [String] = []
      defer { for claim in claims { candidate.removeIfOwn(claim) } }
      try claim(seen.token, of: path, candidate, staleAfter: staleAfter, claims: &claims)
      guard let again = LockSighting(path, now: candidate.made), again.token == seen.token,
        again.staleness(limit: staleAfter) != nil
      else { continue }
      try candidate.replace(path)
      return lock(path, candidate, note: "taking over the lock of \(seen.holder): \(reason)", staleAfter)
    }
    throw Failure(.cannotCreate, "the lock \(path) changes hands all the time: try again")
  }

  /// Gives a sign of life, also where the run directory was moved.
  /// - Throws: `Failure(.cannotCreate)` where another job has taken the lock, `Failure(.inputOutput)`.
  package func beat() throws {
    if !isElsewhere { try check() }
    try state.withLock { state in
      state.record.heartbeat = LockRecord.now
      let bytes = state.record.bytes
      if pwrite(descriptor, bytes, bytes.count, 0) != bytes.count { throw FileSystem.failure("write", path) }
    }
  }

  /// Makes sure that the lock is still ours.
  /// - Throws: `Failure(.cannotCreate)` where it is not.
  package func check() throws(Failure) {
    if !isOurs {
      throw Failure(
        .cannotCreate,
        "the lock \(path) is not ours any more: another job took this one for dead, or it was deleted or moved with its "
          + "directory")
    }
  }

  /// Beats every so many seconds, from another thread, until the lock is released. Failures are left to `check()`.
  ///
  /// - Returns: whether there is a thread for it; without one the holder calls `beat(every:)` again and again.
  package func keepBeating(every interval: Double) -> Bool {
    let pause = pause
    let thread = SystemThread(stackSize: 1 << 20) { [weak self] in
      SystemThread.blockSignals()
      while pause.wait(seconds: interval), let self { try? self.beat() }
    }
    state.withLock { $0.beating = thread }
    return thread != nil
  }

  /// Beats if the last time is so many seconds ago; failures are left to `check()`.
  package func beat(every interval: Double) {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    let isDue = state.withLock { state in
      guard Double(now.tv_sec - state.beaten) >= interval else { return false }
      state.beaten = now.tv_sec
      return true
    }
    if isDue { try? beat() }
  }

  /// Gives the lock back; a second call does nothing.
  package func release() {
    state.withLock { state in
      if !state.released && isOurs { unlink(path) }
      state.released = true
    }
    pause.end()
    // The last reference may be dropped by the thread itself.
    if let thread = state.withLock({ $0.beating.take() }), !thread.isCurrent { thread.join() }
  }

  /// Whether the name still leads to the file that we made. A file server that does not answer is no reason to give up.
  private var isOurs: Bool {
    var own = stat()
    guard fstat(descriptor, &own) == 0 else { return false }
    guard let named = FileSystem.status(of: path) else { return errno != ENOENT }
    return own.st_ino == named.st_ino && own.st_dev == named.st_dev
  }

  /// Whether the name is gone but the file is not: it was moved, most likely with its directory.
  private var isElsewhere: Bool {
    var own = stat()
    return FileSystem.status(of: path) == nil && fstat(descriptor, &own) == 0 && own.st_nlink > 0
  }

  /// The lock that a candidate has become. What dead takers left beside it is deleted: no claim to an earlier lock can
  /// be of use to anybody now.
  private static func lock(_ path: String, _ candidate: LockCandidate, note: String?, _ staleAfter: Double) -> RunLock {
    let directory = Path.parent(of: path)
    let prefixes = ["claim", "candidate"].map { ".\(Path.name(of: path)).\($0)-" }
    for name in (try? FileSystem.names(in: directory)) ?? [] where prefixes.contains(where: name.hasPrefix) {
      let file = Path.join(directory, name)
      if LockSighting(file, now: candidate.made)?.staleness(limit: staleAfter) != nil { unlink(file) }
    }
    return RunLock(path: path, note: note, descriptor: candidate.takeDescriptor(), record: candidate.record)
  }

  /// Makes the only claim to replace the lock with a token.
  /// - Parameter claims: gets the paths of the claims that end with the taking over.
  private static func claim(
    _ token: String, of path: String, _ candidate: LockCandidate, staleAfter: Double, claims: inout [String]
  ) throws {
    let claim = Path.join(Path.parent(of: path), ".\(Path.name(of: path)).claim-\(token)")
    if try candidate.place(at: claim) {
      claims.append(claim)
      return
    }
    guard let other = LockSighting(claim, now: candidate.made), other.staleness(limit: staleAfter) != nil else {
      throw Failure(
        .cannotCreate, "run directory \(Path.parent(of: path)) is being taken over by another job just now")
    }
    try self.claim(other.token, of: path, candidate, staleAfter: staleAfter, claims: &claims)
  }
}
