import Checkpoints
import Failures
import Foundation
import Testing

/// Lines that a disk does not take for a while: they wait in order, and none is lost or halved.
@Suite struct PatientLogTests {
  let scratch = Scratch()

  /// A process whose files may have so many bytes, until it says otherwise.
  @Test func linesWaitForRoom() async {
    await #expect(processExitsWith: .exitCode(0)) {
      func limit(_ bytes: UInt) {
        var limit = rlimit(rlim_cur: bytes, rlim_max: .max)
        guard setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0 else { exit(1) }
      }
      signal(SIGXFSZ, SIG_IGN)
      let path = "/tmp/patient-\(getpid())"
      defer { unlink(path) }
      do {
        let log = PatientLog(try LineLog(path), limit: 20)
        limit(8)
        try log.append("one")
        try log.append("second")  // 4 + 7 bytes do not fit
        try log.append("3")  // would, but comes after it
        guard try String(contentsOfFile: path, encoding: .utf8) == "one\n" else { exit(2) }
        do {
          try log.flush()
          exit(3)
        } catch let failure as Failure {
          guard failure.code == .inputOutput, failure.message.contains("File too large") else { exit(4) }
        }
        do {
          try log.append("a line that is too much")
          exit(5)
        } catch let failure as Failure {
          guard failure.code == .inputOutput else { exit(6) }
        }
        limit(1000)
        try log.append("last")
        try log.flush()
        guard try String(contentsOfFile: path, encoding: .utf8) == "one\nsecond\n3\nlast\n" else { exit(7) }
      } catch {
        exit(8)
      }
      unlink(path)
      exit(0)
    }
  }

  @Test func withRoomItIsTheLog() throws {
    let log = PatientLog(try LineLog(scratch.file("log.txt")))
    try log.append("one")
    #expect(try scratch.text("log.txt") == "one\n")
    #expect { try log.append("two\nlines") } throws: { ($0 as? Failure)?.code == .internal }
    try log.flush()
    #expect(try scratch.text("log.txt") == "one\n")
  }
}
