import Failures
import Foundation
import Platform
import Testing

/// Each test in a process of its own, whose streams are bent.
@Suite struct StandardStreamTests {
  /// A full disk is an error, and the next line is written again.
  @Test func aFullDiskIsAnError() async {
    await #expect(processExitsWith: .exitCode(74)) {
      let full = open("/dev/full", O_WRONLY)
      dup2(full, STDOUT_FILENO)
      do throws(Failure) {
        try StandardStream.output.write("a line\n")
      } catch {
        guard error.message == "cannot write standard output: No space left on device" else { exit(1) }
        exit(error.code.rawValue)
      }
    }
  }

  /// Many more bytes than a pipe holds that must not be waited for: all of them arrive.
  @Test func aPipeThatIsNotWaitedFor() async {
    await #expect(processExitsWith: .exitCode(0)) {
      var ends: [Int32] = [0, 0]
      guard pipe(&ends) == 0, ends.allSatisfy({ fcntl($0, F_SETFL, O_NONBLOCK) == 0 }) else { exit(1) }
      guard dup2(ends[1], STDOUT_FILENO) == STDOUT_FILENO else { exit(1) }
      let input = ends[0]
      let reader = Thread {
        var (sum, block) = (0, [UInt8](repeating: 0, count: 4096))
        while sum < 1_000_000 {
          let count = read(input, &block, block.count)
          if count > 0 { sum += count } else { usleep(500) }
        }
        exit(sum == 1_000_000 ? 0 : 2)
      }
      reader.start()
      do { try StandardStream.output.write(String(repeating: "x", count: 1_000_000)) } catch { exit(3) }
      sleep(120)
      exit(4)
    }
  }
}
