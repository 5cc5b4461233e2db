// Who started this process: the names of the processes above it, by /proc.

import Glibc

/// The processes above this one.
package enum Ancestors {
  /// The names of the parent, its parent, and so on, as far as they can be seen.
  ///
  /// - Parameter count: how many at most.
  package static func names(_ count: Int) -> [String] {
    var names: [String] = []
    var process = getppid()
    while names.count < count, process > 0, let status = status(of: process) {
      names.append(status.name)
      process = status.parent
    }
    return names
  }

  /// Name and parent from /proc/PID/stat: `PID (NAME) STATE PARENT ...`, where the name may hold blanks and brackets.
  private static func status(of process: pid_t) -> (name: String, parent: pid_t)? {
    guard let text = FileSystem.text(of: "/proc/\(process)/stat"), let open = text.firstIndex(of: "("),
      let close = text.lastIndex(of: ")"), open < close
    else { return nil }
    let fields = text[text.index(after: close)...].split(separator: " ")
    guard fields.count > 1, let parent = pid_t(fields[1]) else { return nil }
    return (String(text[text.index(after: open)..<close]), parent)
  }
}
