// The calls on directories that the floor above needs, each failing with one line that names the path and the errno text.

import Failures
import Foundation

/// Directory operations with errors of ours. Paths are absolute or relative to the working directory.
enum FileSystem {
  /// An input-output failure for the current `errno`: "cannot VERB PATH: TEXT".
  static func failure(_ verb: String, _ path: String, code: ExitCode = .inputOutput, error: Int32 = errno) -> Failure {
    Failure(code, "cannot \(verb) \(path): \(text(of: error))")
  }

  /// The system's words for an error number.
  static func text(of error: Int32) -> String { String(cString: strerror(error)) }

  /// `directory/name`, without a doubled slash.
  static func join(_ directory: String, _ name: String) -> String {
    directory.hasSuffix("/") ? directory + name : directory + "/" + name
  }

  /// The part of a path before its last component; "." for a bare name.
  static func parent(of path: String) -> String {
    let parent = (path as NSString).deletingLastPathComponent
    return parent.isEmpty ? "." : parent
  }

  /// The last component of a path.
  static func name(of path: String) -> String { (path as NSString).lastPathComponent }

  /// The absolute path of a file that may be missing, in a directory that is there, without symbolic links on the way; nil
  /// where the directory cannot be reached.
  static func realPath(_ path: String) -> String? {
    guard let parent = realpath(parent(of: path), nil) else { return nil }
    defer { free(parent) }
    return join(String(cString: parent), name(of: path))
  }

  /// What `stat` says, or nil where nothing (reachable) is.
  static func status(of path: String) -> stat? {
    var status = stat()
    return stat(path, &status) == 0 ? status : nil
  }

  /// Whether a directory is there, after symbolic links.
  static func isDirectory(_ path: String) -> Bool {
    status(of: path).map { $0.st_mode & S_IFMT == S_IFDIR } ?? false
  }

  /// Makes a directory and those above it; one that exists is fine.
  static func makeDirectories(_ path: String) throws(Failure) {
    if isDirectory(path) { return }
    let above = parent(of: path)
    if above != path && !isDirectory(above) { try makeDirectories(above) }
    if mkdir(path, 0o777) != 0 {
      let error = errno
      if error == EEXIST && isDirectory(path) { return }
      throw failure("create the directory", path, code: .cannotCreate, error: error == EEXIST ? ENOTDIR : error)
    }
  }

  /// The names in a directory without `.` and `..`, sorted.
  static func names(in directory: String) throws(Failure) -> [String] {
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

  /// Renames, replacing a file (or an empty directory) that has the new name.
  static func rename(_ old: String, to new: String) throws(Failure) {
    if Foundation.rename(old, new) != 0 { throw failure("rename \(old) to", new) }
  }

  /// Deletes a file or a directory with all in it; symbolic links are deleted, not followed.
  static func remove(_ path: String) throws(Failure) {
    var status = stat()
    guard lstat(path, &status) == 0 else {
      if errno == ENOENT { return }
      throw failure("delete", path)
    }
    if status.st_mode & S_IFMT == S_IFDIR {
      for name in try names(in: path) { try remove(join(path, name)) }
      if rmdir(path) != 0 && errno != ENOENT { throw failure("delete", path) }
    } else if unlink(path) != 0 && errno != ENOENT {
      throw failure("delete", path)
    }
  }

  /// Makes the names in a directory durable. File systems that cannot do it (EINVAL) are taken as they are.
  static func sync(directory: String) throws(Failure) {
    let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if descriptor < 0 { throw failure("open", directory) }
    defer { close(descriptor) }
    if fsync(descriptor) != 0 && errno != EINVAL && errno != ENOTSUP { throw failure("sync", directory) }
  }

  /// The bytes this user may still write to the file system of a directory; nil where it does not say.
  static func freeBytes(at directory: String) -> Int? {
    var status = statvfs()
    guard statvfs(directory, &status) == 0, status.f_blocks > 0 else { return nil }
    let (bytes, overflow) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
    return overflow || bytes > UInt64(Int.max) ? Int.max : Int(bytes)
  }
}
