// A look at a lock file (or a claim to one): whose it is, and whether he still lives.

import Failures
import Foundation

/// What a lock file was at one moment.
struct LockSighting {
  /// nil where the file cannot be read as a record: it is just being made, or was damaged.
  let record: LockRecord?
  let inode: UInt64
  /// Seconds since the last heartbeat, by the clock of the file server: no clocks of two hosts are compared.
  let age: Double

  /// Looks at a file; nil where there is none.
  /// - Parameter now: the modification time of a file made just now in the same directory.
  init?(_ path: String, now: timespec) {
    guard let status = FileSystem.status(of: path) else { return nil }
    inode = UInt64(status.st_ino)
    age =
      Double(now.tv_sec - status.st_mtim.tv_sec) + Double(now.tv_nsec - status.st_mtim.tv_nsec) * 1e-9
    let bytes = try? FileReader(path).bytes()
    record = bytes.flatMap { try? JSONDecoder().decode(LockRecord.self, from: Data($0)) }
  }

  /// Tells this taking of the lock from every other.
  var token: String { record?.token ?? "unreadable-\(inode)" }

  var holder: String { record?.holder ?? "a holder that left no readable record" }

  /// Why the holder is taken for dead; nil where he is not.
  func staleness(limit: Double) -> String? {
    if record?.process.isKnownDead == true { return "that process is dead" }
    return age > limit && !livesHere
      ? "its last heartbeat is \(Int(age.rounded())) s old, the limit is \(Int(limit)) s" : nil
  }

  /// A process that this host can see alive holds its lock, however long it has been stopped or starved.
  private var livesHere: Bool {
    guard let process = record?.process, !process.isKnownDead else { return false }
    let here = ProcessIdentity.current
    return process.host == here.host && process.namespace == here.namespace && !process.start.isEmpty
  }
}
