// Whether what we print is seen on a terminal, through a launcher too.
//
// mpirun gives rank 0 a pseudo-terminal even where its own output goes to a file: then what counts is the standard output
// of the launcher, which is the parent of the rank.

import Glibc

/// What standard output leads to.
package enum Terminal {
  /// Whether standard output is a terminal that understands control codes (TERM is set and not "dumb").
  package static let isStandardOutput: Bool = {
    let kind = variable("TERM")
    guard isatty(STDOUT_FILENO) == 1, !kind.isEmpty, kind != "dumb" else { return false }
    let isLaunched = LauncherVariables.known.contains { !variable($0.rank).isEmpty }
    return !isLaunched || isTerminal("/proc/\(getppid())/fd/1")
  }()

  /// Whether colour may be used there (see no-color.org).
  package static var takesColour: Bool { isStandardOutput && variable("NO_COLOR").isEmpty }

  /// A variable of the environment; empty where it is not set.
  private static func variable(_ name: String) -> String { getenv(name).map { String(cString: $0) } ?? "" }

  /// Whether a link among a process's open files leads to a terminal; false where it cannot be read.
  private static func isTerminal(_ link: String) -> Bool {
    guard let target = FileSystem.target(ofLink: link) else { return false }
    return target.hasPrefix("/dev/pts/") || target.hasPrefix("/dev/tty") || target == "/dev/console"
  }
}
