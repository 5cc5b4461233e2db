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
}
