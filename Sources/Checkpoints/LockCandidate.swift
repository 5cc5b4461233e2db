// A lock file in the making: written whole under a name of its own, then put where it is to count.

import Failures
import Foundation
import Platform

/// The file of one who wants a lock. Not thread-safe.
final class LockCandidate {
  let record: LockRecord
  /// The modification time of the file: "now" by the clock of the file server.
  let made: timespec
  private let temporary: String
  private var descriptor: Int32
  /// Copies of the record, open as long as this lives: by that others see that they are its maker's.
  private var copies: [Int32] = []

  /// Writes the record to a new file beside `path`.
  /// - Throws: `Failure(.cannotCreate)` with the path and the reason.
  init(beside path: String, record: LockRecord) throws {
    let name = ".\(Path.name(of: path)).candidate-\(record.token)"
    temporary = Path.join(Path.parent(of: path), name)
    descriptor = open(temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    if descriptor < 0 { throw FileSystem.failure("create", temporary, code: .cannotCreate) }
    var status = stat()
    var record = record
    record.path = FileSystem.realPath(Path.parent(of: path)).map { Path.join($0, Path.name(of: path)) }
    record.inode = fstat(descriptor, &status) == 0 ? UInt64(status.st_ino) : nil
    self.record = record
    let bytes = record.bytes
    let written =
      write(descriptor, bytes, bytes.count) == bytes.count && fsync(descriptor) == 0 && fstat(descriptor, &status) == 0
    let error = errno
    made = status.st_mtim
    if !written {
      discard()
      throw FileSystem.failure("write", temporary, code: .cannotCreate, error: error)
    }
  }

  deinit { for open in copies + [descriptor] where open >= 0 { close(open) } }

  /// Puts the record under a name, if that is free: as a link to this file, or where the file system knows no links, as
  /// a copy (which `replace` then makes this file).
  /// - Returns: whether it was free.
  /// - Throws: `Failure(.cannotCreate)` where that cannot be done at all.
  func place(at path: String) throws(Failure) -> Bool {
    if link(temporary, path) == 0 { return true }
    var error = errno
    // A network file system may have done it and lost the answer.
    if isOwn(path) { return true }
    if error == EPERM || error == ENOTSUP || error == ENOSYS {
      let copy = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      error = errno
      if copy >= 0 {
        copies.append(copy)
        let bytes = record.bytes
        if write(copy, bytes, bytes.count) == bytes.count { return true }
        error = errno
        unlink(path)
      }
    }
    if error == EEXIST { return false }
    throw FileSystem.failure("create", path, code: .cannotCreate, error: error)
  }

  /// Gives the file a name that another has, in one step.
  func replace(_ path: String) throws(Failure) {
    if rename(temporary, path) != 0 { throw FileSystem.failure("replace", path, code: .cannotCreate) }
  }

  /// Deletes a name that leads to this file's record.
  func removeIfOwn(_ path: String) {
    if LockSighting(path, now: made)?.token == record.token { unlink(path) }
  }

  /// Deletes the temporary name.
  func discard() { unlink(temporary) }

  /// Hands the open file over; the caller closes it.
  func takeDescriptor() -> Int32 {
    defer { descriptor = -1 }
    return descriptor
  }

  private func isOwn(_ path: String) -> Bool {
    var own = stat()
    guard fstat(descriptor, &own) == 0, let named = FileSystem.status(of: path) else { return false }
    return own.st_ino == named.st_ino && own.st_dev == named.st_dev
  }
}
