import CPlatform
import Foundation
import Testing

@Suite struct CoreTests {
  @Test func coresAgreeWithTheMask() {
    let count = Int(platform_core_count())
    #expect(count >= 1)
    var cores = [Int32](repeating: -1, count: count)
    #expect(Int(platform_cores(&cores, Int32(count), 0)) == count)
    #expect(cores == cores.sorted() && Set(cores).count == count && cores[0] >= 0)
    #expect((1...count).contains(Int(platform_cores(nil, 0, 1))))
    #expect(platform_core_quota() >= 0)
  }

  @Test func aThreadIsPinnedAndSaysSo() async {
    await #expect(processExitsWith: .success) {
      var cores = [Int32](repeating: 0, count: 8192)
      let count = Int(platform_cores(&cores, 8192, 0))
      var text = [CChar](repeating: 0, count: 64)
      for core in cores[..<count] {
        // The mask of a thread that was pinned is narrow: widening it again is allowed within the process's set.
        guard platform_pin(core) == 0, platform_core_count() == 1 else { exit(1) }
        platform_affinity_text(&text, 64)
        guard text.withUnsafeBufferPointer({ String(cString: $0.baseAddress!) }) == "\(core)" else { exit(2) }
      }
      guard platform_pin(-1) == EINVAL, platform_pin(1 << 20) == EINVAL else { exit(3) }
    }
  }

  @Test func affinityTextFitsItsPlace() {
    var text = [CChar](repeating: 1, count: 2)
    platform_affinity_text(&text, 2)
    #expect(text[1] == 0)
  }
}
