// A look at a lock file (or a claim to one): whose it is, whether he still lives, and whether the file is his or a copy.
//
// A copy of the directory of a running job has a lock that names this job. It is known for one if the holder lives on this
// host and does not have the file open, or if the file that the holder wrote lies where he wrote it, and is another. In
// doubt the lock is the holder's: a directory that was moved keeps its lock, as does one whose file numbers change.

import Failures
import Foundation
import Platform

/// What a lock file was at one moment.
struct LockSighting {
  /// nil where the file cannot be read as a record: it is just being made, or was damaged.
  let record: LockRecord?
  /// Seconds since the last heartbeat, by the clock of the file server: no clocks of two hosts are compared.
  let age: Double
  private let file: stat

  /// Looks at a file; nil where there is none.
  /// - Parameter now: the modification time of a file made just now in the same directory.
  init?(_ path: String, now: timespec) {
    guard let status = FileSystem.status(of: path) else { return nil }
    file = status
    age =
      Double(now.tv_sec - status.st_mtim.tv_sec) + Double(now.tv_nsec - status.st_mtim.tv_nsec) * 1e-9
    record = Self.record(path)
  }

  /// Tells this taking of the lock from every other.
  var token: String { record?.token ?? "unreadable-\(file.st_ino)" }

  var holder: String { record?.holder ?? "a holder that left no readable record" }

  /// Why the lock does not count any more, or not here; nil where it does.
  func staleness(limit: Double) -> String? {
    if record?.process.isKnownDead == true { return "that process is dead" }
    if isCopy {
      let original = record?.path.map { " (\(Path.parent(of: $0)))" } ?? ""
      return "this directory is a copy, that process works in another one\(original)"
    }
    // A process that this host can see alive holds its lock, however long it has been stopped or starved.
    return age > limit && record?.process.isKnownAlive != true
      ? "its last heartbeat is \(Int(age.rounded())) s old, the limit is \(Int(limit)) s" : nil
  }

  private var isCopy: Bool {
    guard let record else { return false }
    if record.process.isKnownAlive, let isHeld = record.process.hasOpen(file) { return !isHeld }
    guard let path = record.path, let inode = record.inode, inode != UInt64(file.st_ino),
      let original = FileSystem.status(of: path)
    else { return false }
    return UInt64(original.st_ino) == inode && Self.record(path)?.token == record.token
  }

  private static func record(_ path: String) -> LockRecord? {
    let bytes = try? FileReader(path).bytes()
    return bytes.flatMap { try? JSONDecoder().decode(LockRecord.self, from: Data($0)) }
  }
}
