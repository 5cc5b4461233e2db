// A file that stops a run: the user makes `STOP` in the run directory, the run ends and renames it to `STOPPED`.

import Checkpoints
import Failures
import Glibc
import Methods

/// Looks for `STOP`, at most once a second.
final class StopFile {
  private let path: String
  private let stopped: String
  private var lastLook = -Double.infinity

  init(_ directory: RunDirectory) {
    path = directory.file("STOP")
    stopped = directory.file("STOPPED")
  }

  /// Whether the file is there.
  var exists: Bool { access(path, F_OK) == 0 }

  /// Whether the file was there when last looked for, now or less than a second ago.
  func wasSeen() -> Bool {
    let now = monotonicSeconds()
    guard now - lastLook >= 1 else { return false }
    lastLook = now
    return exists
  }

  /// Renames it, so that the next start goes on.
  func acknowledge() throws {
    guard rename(path, stopped) == 0 || errno == ENOENT else {
      throw Failure(.inputOutput, "cannot rename \(path) to STOPPED: \(String(cString: strerror(errno))); delete it")
    }
  }
}
