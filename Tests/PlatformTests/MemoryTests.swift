import CPlatform
import Foundation
import Testing

@Suite struct MemoryTests {
  @Test(arguments: [0, 1, 4095, 4096, 4097, 2 << 20, (2 << 20) + 1, 9_000_001])
  func memoryIsAlignedAndZeroed(bytes: Int) throws {
    let memory = try #require(platform_allocate(bytes))
    let alignment = bytes >= 2 << 20 ? 2 << 20 : 4096
    #expect(Int(bitPattern: memory) % alignment == 0)
    let all = UnsafeMutableRawBufferPointer(start: memory, count: bytes)
    #expect(all.allSatisfy { $0 == 0 })
    for i in all.indices { all[i] = 0xA5 }
    platform_free(memory, bytes)
  }

  @Test func neighboursDoNotOverlap() throws {
    let size = 5_000_000
    let blocks = try (0..<8).map { _ in try #require(platform_allocate(size)) }
    for (i, block) in blocks.enumerated() { memset(block, Int32(i + 1), size) }
    for (i, block) in blocks.enumerated() {
      #expect(UnsafeRawBufferPointer(start: block, count: size).allSatisfy { Int($0) == i + 1 })
    }
    for block in blocks { platform_free(block, size) }
  }

  @Test func tooMuchIsRefusedWithoutACrash() {
    #expect(platform_allocate(Int.max) == nil)
    #expect(platform_allocate(1 << 60) == nil)
    platform_free(nil, 100)
  }

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
