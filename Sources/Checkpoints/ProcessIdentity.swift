// Tells whether a process of this host is still the one that wrote its number down. Numbers are given again, so the
// time a process was started goes with it (proc(5), field 22 of /proc/PID/stat); and they count only in one namespace.

import Failures
import Glibc
import Platform

/// A process, told apart from later ones with the same number.
struct ProcessIdentity: Codable, Equatable, Sendable {
  let host: String
  let pid: Int32
  /// Start in clock ticks after boot, and the namespace of process numbers; empty where /proc does not say.
  let start: String
  let namespace: String

  /// This process.
  static var current: ProcessIdentity {
    var name = [UInt8](repeating: 0, count: 256)
    name.withUnsafeMutableBytes { _ = gethostname($0.baseAddress!.assumingMemoryBound(to: CChar.self), 255) }
    let namespace = FileSystem.target(ofLink: "/proc/self/ns/pid") ?? ""
    return ProcessIdentity(
      host: String(decoding: name.prefix { $0 != 0 }, as: UTF8.self), pid: getpid(),
      start: status(of: getpid())?.start ?? "", namespace: namespace)
  }

  /// Whether the process cannot run any more. Only a process of the same host and namespace can tell; to others, and
  /// in doubt, it is false.
  var isKnownDead: Bool {
    let here = ProcessIdentity.current
    guard host == here.host, namespace == here.namespace else { return false }
    if kill(pid, 0) != 0 && errno == ESRCH { return true }
    guard let status = Self.status(of: pid) else { return false }
    // A zombie runs no more, it only waits for its parent to ask.
    return status.state == "Z" || status.state == "X" || (!start.isEmpty && start != status.start)
  }

  /// Whether the process runs where it can be seen from here.
  var isKnownAlive: Bool {
    let here = ProcessIdentity.current
    return host == here.host && namespace == here.namespace && !start.isEmpty && !isKnownDead
  }

  /// Whether a process that is known to be alive has a regular file open; nil where that cannot be seen (proc(5),
  /// /proc/PID/fd: another user's process).
  ///
  /// Devices are not compared, because two mounts of one file system have two; the length is.
  func hasOpen(_ file: stat) -> Bool? {
    let folder = "/proc/\(pid)/fd"
    guard let names = try? FileSystem.names(in: folder) else { return nil }
    var sawAll = true
    for name in names {
      guard let open = FileSystem.status(of: Path.join(folder, name)) else {
        sawAll = sawAll && errno == ENOENT
        continue
      }
      if open.st_mode & S_IFMT == S_IFREG, open.st_ino == file.st_ino, open.st_size == file.st_size { return true }
    }
    return sawAll ? false : nil
  }

  /// State letter and start time from /proc/PID/stat; the name before them may hold blanks and brackets.
  private static func status(of pid: Int32) -> (state: String, start: String)? {
    guard let text = FileSystem.text(of: "/proc/\(pid)/stat"),
      let bracket = text.lastIndex(of: ")")
    else { return nil }
    let fields = text[text.index(after: bracket)...].split(separator: " ")
    return fields.count > 19 ? (String(fields[0]), String(fields[19])) : nil
  }
}
