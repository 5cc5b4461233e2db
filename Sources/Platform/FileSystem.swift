// The calls on files and directories that the floors above need, each failing with one line that names the path and the errno
// text. POSIX alone: Foundation's functions for paths end the process on some of them.

import Failures
import Glibc

/// File operations with errors of ours. Paths are absolute or relative to the working directory.
package enum FileSystem {
  /// An input-output failure for the current `errno`: "cannot VERB PATH: TEXT".
  package static func failure(
    _ verb: String, _ path: String, code: ExitCode = .inputOutput, error: Int32 = errno
  ) -> Failure {
    Failure(code, "cannot \(verb) \(path): \(reason(error))")
  }

  /// The system's words for an error number.
  package static func reason(_ error: Int32 = errno) -> String { String(cString: strerror(error)) }

  /// What `stat` says, or nil where nothing (reachable) is.
  package static func status(of path: String) -> stat? {
    var status = stat()
    return stat(path, &status) == 0 ? status : nil
  }

  /// Whether a directory is there, after symbolic links.
  package static func isDirectory(_ path: String) -> Bool {
    status(of: path).map { $0.st_mode & S_IFMT == S_IFDIR } ?? false
  }

  /// Makes a directory and those above it; one that exists is fine.
  package static func makeDirectories(_ path: String) throws(Failure) {
    var missing: [String] = []
    var place = path
    while true {
      if let status = status(of: place) {
        if status.st_mode & S_IFMT == S_IFDIR { break }
        throw failure("create the directory", place, code: .cannotCreate, error: ENOTDIR)
      }
      // What is too long, or may not be looked at, is so for all that lies in it.
      guard errno == ENOENT || errno == ENOTDIR else {
        throw failure("create the directory", place, code: .cannotCreate)
      }
      missing.append(place)
      place = Path.parent(of: place)
    }
    for directory in missing.reversed() where mkdir(directory, 0o777) != 0 {
      let error = errno
      if error == EEXIST && isDirectory(directory) { continue }
      throw failure("create the directory", directory, code: .cannotCreate, error: error == EEXIST ? ENOTDIR : error)
    }
  }

  /// The names in a directory without `.` and `..`, sorted.
  package static func names(in directory: String) throws(Failure) -> [String] {
    guard let stream = opendir(directory) else { throw failure("list", directory) }
    defer { closedir(stream) }
    var names: [String] = []
    errno = 0
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
      errno = 0
    }
    if errno != 0 { throw failure("list", directory) }
    return names.sorted()
  }

  /// The first `limit` bytes of a file, or of anything else that can be read from its front (`/proc` too); nil where it
  /// cannot be opened or read, with `errno`.
  package static func bytes(of path: String, limit: Int = .max) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    // Small, because threads that look around every second keep what they once had.
    var block = [UInt8](repeating: 0, count: 1 << 12)
    while bytes.count < limit {
      let count = read(descriptor, &block, min(block.count, limit - bytes.count))
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { return nil }
      guard count > 0 else { break }
      bytes += block[..<count]
    }
    return bytes
  }

  /// The text of a file in UTF-8, what is none of it replaced; nil where it cannot be read.
  package static func text(of path: String) -> String? { bytes(of: path).map { String(decoding: $0, as: UTF8.self) } }

  /// Where a symbolic link leads, as it stands there; nil for anything that is none.
  package static func target(ofLink path: String) -> String? {
    var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = buffer.withUnsafeMutableBytes {
      readlink(path, $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count)
    }
    return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
  }

  /// The same place without links, `.` and `..`; nil where nothing is there, with `errno`.
  package static func realPath(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  /// The working directory; `.` where it has been deleted.
  package static var workingDirectory: String { realPath(".") ?? "." }

  /// Renames, replacing a file (or an empty directory) that has the new name.
  package static func rename(_ old: String, to new: String) throws(Failure) {
    if Glibc.rename(old, new) != 0 { throw failure("rename \(old) to", new) }
  }

  /// Deletes a file or a directory with all in it; symbolic links are deleted, not followed.
  package static func remove(_ path: String) throws(Failure) {
    var status = stat()
    guard lstat(path, &status) == 0 else {
      if errno == ENOENT { return }
      throw failure("delete", path)
    }
    if status.st_mode & S_IFMT == S_IFDIR {
      for name in try names(in: path) { try remove(Path.join(path, name)) }
      if rmdir(path) != 0 && errno != ENOENT { throw failure("delete", path) }
    } else if unlink(path) != 0 && errno != ENOENT {
      throw failure("delete", path)
    }
  }

  /// Makes the names in a directory durable. File systems that cannot do it (EINVAL) are taken as they are.
  package static func sync(directory: String) throws(Failure) {
    let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if descriptor < 0 { throw failure("open", directory) }
    defer { close(descriptor) }
    if fsync(descriptor) != 0 && errno != EINVAL && errno != ENOTSUP { throw failure("sync", directory) }
  }

  /// The bytes this user may still write to the file system of a directory; nil where it does not say.
  package static func freeBytes(at directory: String) -> Int? {
    var status = statvfs()
    guard statvfs(directory, &status) == 0, status.f_blocks > 0 else { return nil }
    let (bytes, overflow) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
    return overflow || bytes > UInt64(Int.max) ? Int.max : Int(bytes)
  }
}
