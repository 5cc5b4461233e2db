import CPlatform
import Foundation
import Testing

@Suite struct MemoryTests {
  @Test func theMachineHasMemoryAndCaches() {
    #expect(platform_available_memory() > 1 << 20)
    #expect(
      platform_available_memory() <= UInt64(sysconf(Int32(_SC_PHYS_PAGES))) * UInt64(sysconf(Int32(_SC_PAGESIZE))))
    #expect(["always", "madvise", "never", "unknown"].contains(String(cString: platform_huge_pages())))
    // A virtual machine may hide its caches; what it shows is ordered.
    let (l1, l2) = (platform_cache_bytes(1), platform_cache_bytes(2))
    #expect(l1 == 0 || l2 == 0 || l1 < l2)
    #expect(platform_cache_bytes(4) == 0)
  }
}
