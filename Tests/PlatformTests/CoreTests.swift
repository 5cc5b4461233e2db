import CPlatform
import Foundation
import Testing

@Suite struct CoreTests {
  @Test func coresAgreeWithTheMask() {
    let count = Int(platform_core_count())
    #expect(count >= 1)
    #expect((1...count).contains(Int(platform_physical_core_count())))
    #expect(platform_core_quota() >= 0)
  }

  /// The whole mask and, of its first 1024 hardware threads, each by itself: the text is the kernel's.
  @Test func masksAreToldAsTheKernelTellsThem() async {
    await #expect(processExitsWith: .success) {
      // Swift does not import what glibc declares for GNU programs only.
      typealias SetAffinity = @convention(c) (pid_t, Int, UnsafeRawPointer) -> Int32
      guard let symbol = dlsym(nil, "sched_setaffinity"), isTheKernels() else { exit(1) }
      let setAffinity = unsafeBitCast(symbol, to: SetAffinity.self)
      var pinned = 0
      for core in 0..<1024 {
        var mask = [UInt8](repeating: 0, count: 128)
        mask[core / 8] = 1 << UInt8(core % 8)
        guard setAffinity(0, mask.count, mask) == 0 else { continue }
        guard platform_core_count() == 1, platform_physical_core_count() == 1, isTheKernels() else { exit(2) }
        pinned += 1
      }
      guard pinned > 0 else { exit(3) }
    }
  }

  @Test func affinityTextFitsItsPlace() {
    var text = [CChar](repeating: 1, count: 2)
    platform_affinity_text(&text, 2)
    #expect(text[1] == 0)
  }
}

/// Whether the mask of this thread as text is what the kernel says of it.
private func isTheKernels() -> Bool {
  var text = [CChar](repeating: 0, count: 4096)
  platform_affinity_text(&text, text.count)
  let status = (try? String(contentsOfFile: "/proc/thread-self/status", encoding: .utf8)) ?? ""
  let line = status.split(separator: "\n").first { $0.hasPrefix("Cpus_allowed_list:") }
  let kernels = line?.dropFirst("Cpus_allowed_list:".count).trimmingCharacters(in: .whitespaces)
  return text.withUnsafeBufferPointer { String(cString: $0.baseAddress!) } == kernels
}
