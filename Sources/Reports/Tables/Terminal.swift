// Whether what we print is seen on a terminal, through a launcher too.
//
// mpirun gives rank 0 a pseudo-terminal even where its own output goes to a file: then what counts is the standard output
// of the launcher, which is the parent of the rank.

import Foundation

/// What standard output leads to.
package enum Terminal {
  /// Whether standard output is a terminal that understands control codes (TERM is set and not "dumb").
  package static let isStandardOutput: Bool = {
    let environment = ProcessInfo.processInfo.environment
    let kind = environment["TERM", default: ""]
    guard isatty(STDOUT_FILENO) == 1, !kind.isEmpty, kind != "dumb" else { return false }
    let launched = ["OMPI_COMM_WORLD_RANK", "PMI_RANK", "SLURM_PROCID"].contains { environment[$0] != nil }
    return !launched || isTerminal("/proc/\(getppid())/fd/1")
  }()

  /// Whether colour may be used there (see no-color.org).
  package static var takesColour: Bool {
    isStandardOutput && ProcessInfo.processInfo.environment["NO_COLOR", default: ""].isEmpty
  }

  /// Whether a link among a process's open files leads to a terminal; false where it cannot be read.
  private static func isTerminal(_ link: String) -> Bool {
    guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: link) else { return false }
    return target.hasPrefix("/dev/pts/") || target.hasPrefix("/dev/tty") || target == "/dev/console"
  }
}
