import CPlatform
import Foundation
import Testing

/// Each test in a process of its own: what a process does on a signal is global to it.
@Suite struct SignalTests {
  @Test func aSignalSetsItsFlagOnly() async {
    await #expect(processExitsWith: .exitCode(75)) {
      guard platform_signals_install() == 0, platform_signals_received() == 0 else { exit(1) }
      raise(SIGUSR1)
      guard platform_signals_received() == 1 << UInt32(SIGUSR1) else { exit(2) }
      raise(SIGTERM)
      guard platform_signals_received() == 1 << UInt32(SIGUSR1) | 1 << UInt32(SIGTERM) else { exit(3) }
      exit(75)
    }
  }

  @Test func aSecondEndWithinTwoSecondsIsTheFirstSentTwice() async {
    await #expect(processExitsWith: .exitCode(75)) {
      guard platform_signals_install() == 0 else { exit(1) }
      raise(SIGTERM)
      raise(SIGINT)
      raise(SIGTERM)
      exit(75)
    }
  }

  @Test(arguments: [SIGTERM, SIGINT])
  func aSecondEndAfterTwoSecondsEndsAtOnce(second: Int32) async {
    // An exit test's body captures nothing, hence two bodies.
    if second == SIGTERM {
      await #expect(processExitsWith: .exitCode(143)) {
        guard platform_signals_install() == 0 else { exit(1) }
        raise(SIGINT)
        usleep(2_100_000)
        raise(SIGTERM)
        exit(75)
      }
    } else {
      await #expect(processExitsWith: .exitCode(130)) {
        guard platform_signals_install() == 0 else { exit(1) }
        raise(SIGTERM)
        usleep(2_100_000)
        raise(SIGINT)
        exit(75)
      }
    }
  }

  /// The terminal is gone: a request, as often as it comes. Under nohup it is none.
  @Test func aHangUpIsARequestUnlessIgnored() async {
    await #expect(processExitsWith: .exitCode(75)) {
      guard platform_signals_install() == 0 else { exit(1) }
      raise(SIGHUP)
      usleep(2_100_000)
      raise(SIGHUP)
      exit(platform_signals_received() == 1 << UInt32(SIGHUP) ? 75 : 2)
    }
    await #expect(processExitsWith: .exitCode(0)) {
      signal(SIGHUP, SIG_IGN)
      guard platform_signals_install() == 0 else { exit(1) }
      raise(SIGHUP)
      exit(platform_signals_received() == 0 ? 0 : 2)
    }
  }

  /// Writing to a pipe that nobody reads, and beyond the limit of a file's size, fails and ends nothing.
  @Test func writingFailsInsteadOfKilling() async {
    await #expect(processExitsWith: .exitCode(0)) {
      platform_signals_of_writing()
      var ends: [Int32] = [0, 0]
      guard pipe(&ends) == 0, close(ends[0]) == 0 else { exit(1) }
      guard write(ends[1], "x", 1) == -1, errno == EPIPE else { exit(2) }
      guard platform_pipe_broke() == 1, platform_signals_received() == 0 else { exit(3) }
      var limit = rlimit(rlim_cur: 10, rlim_max: 10)
      guard setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0 else { exit(4) }
      var name = Array("/tmp/limit-XXXXXX".utf8CString)
      let file = mkstemp(&name)
      unlink(name)
      guard file >= 0, write(file, "0123456789", 10) == 10, write(file, "x", 1) == -1, errno == EFBIG else { exit(5) }
      exit(0)
    }
  }

  @Test func aBrokenPipeThatIsIgnoredIsNoRequest() async {
    await #expect(processExitsWith: .exitCode(0)) {
      signal(SIGPIPE, SIG_IGN)
      platform_signals_of_writing()
      var ends: [Int32] = [0, 0]
      guard pipe(&ends) == 0, close(ends[0]) == 0, write(ends[1], "x", 1) == -1 else { exit(1) }
      exit(platform_pipe_broke())
    }
  }

  /// What a library ends by exit() gets a line and a code of ours; what is over does not.
  @Test func anExitIsGuarded() async {
    let result = await #expect(processExitsWith: .exitCode(69), observing: [\.standardErrorContent]) {
      platform_exit_guard("it does not start", 69, 0)
      exit(1)
    }
    #expect(
      result.map { String(decoding: $0.standardErrorContent, as: UTF8.self) } == "fairtat-dist: it does not start\n")
    await #expect(processExitsWith: .exitCode(69)) {
      platform_exit_guard("it does not start", 69, 0)
      _exit(1)
    }
    await #expect(processExitsWith: .exitCode(1)) {
      platform_exit_guard("it does not start", 69, 0)
      platform_exit_guard(nil, 0, 0)
      exit(1)
    }
  }
}
