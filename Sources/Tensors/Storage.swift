// Memory of Floats: whole pages, asked of the kernel as huge ones, zero at first, given back when the last tensor on it goes.

import Glibc

/// A block of Floats, 64-byte aligned (page aligned, in fact) and zero when made.
///
/// Owned by reference: every `Tensor` cut from it keeps it alive. Who may write where is the caller's agreement; the
/// engine's operators write disjoint ranges from different threads.
package final class Storage: @unchecked Sendable {
  /// The first element.
  package let base: UnsafeMutablePointer<Float>
  /// How many Floats.
  package let count: Int
  private let bytes: Int

  /// Memory for `count` Floats; physical pages come when first touched.
  package init(count: Int) {
    self.count = count
    // Kernels may read, and drop, up to four vectors beyond the last element.
    bytes = (count * 4 + 256 + 4095) & ~4095
    let memory = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let memory, memory != MAP_FAILED else { fatalError("out of memory: \(bytes) bytes") }
    if bytes >= 1 << 22 { madvise(memory, bytes, MADV_HUGEPAGE) }
    base = memory.bindMemory(to: Float.self, capacity: count)
  }

  deinit { munmap(base, bytes) }
}
