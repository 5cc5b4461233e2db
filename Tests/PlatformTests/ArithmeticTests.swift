import CPlatform
import Foundation
import Testing

@Suite struct ArithmeticTests {
  @Test func denormalsSurvive() {
    platform_set_rounding()
    #expect(platform_rounding_is_standard() == 1)
    // Bit patterns through a function the compiler cannot fold.
    let smallest = Float(bitPattern: UInt32(ProcessInfo.processInfo.arguments.count > 0 ? 0x0080_0000 : 0))
    let half = smallest * Float(bitPattern: 0x3F00_0000 + UInt32(getpid()) * 0)
    #expect(half.bitPattern == 0x0040_0000)
    #expect((half + half).bitPattern == smallest.bitPattern)
  }

  @Test func theClockGoesForward() {
    let start = platform_seconds()
    usleep(20_000)
    #expect((0.02..<100).contains(platform_seconds() - start))
  }
}
