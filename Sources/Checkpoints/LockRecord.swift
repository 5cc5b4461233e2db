// What the lock file of a run says: one line of JSON that a person can read too.

import Failures
import Foundation

/// The holder of a lock, and when it last gave a sign of life.
struct LockRecord: Codable, Equatable, Sendable {
  /// Tells this taking of the lock from every other.
  let token: String
  /// The batch job, if it runs in one.
  let job: String?
  let process: ProcessIdentity
  let started: String
  /// The file that the record was written to, and its number: by them a copy of the run directory is told from the one
  /// that is held. Locks of version 0.1.0 do not have them.
  var path: String?
  var inode: UInt64?
  /// Always as long as it was, so that it can be overwritten in place.
  var heartbeat: String

  init(job: String?) {
    token = String(UInt64.random(in: 0 ... .max), radix: 16)
    self.job = job
    process = .current
    started = Self.now
    heartbeat = started
  }

  /// The time in UTC, for instance 2026-01-31T08:15:00Z.
  static var now: String { Date.now.formatted(.iso8601) }

  /// The contents of the file.
  var bytes: [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return Array((try? encoder.encode(self)) ?? Data()) + [UInt8(ascii: "\n")]
  }

  /// "pid 4242 on host node7 (job 991)".
  var holder: String {
    "pid \(process.pid) on host \(process.host)" + (job.map { " (job \($0))" } ?? "")
  }
}
