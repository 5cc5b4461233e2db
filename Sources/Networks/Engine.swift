// What layers share while they run: threads, scratch memory, and the way to the other ranks.

import Classification
import Parallelism
import Tensors

/// Threads, scratch memory and the reduction over ranks of one network.
package final class Engine {
  package let pool: ThreadPool
  package let reduction: any BatchReduction
  /// A padded group of images for each worker.
  private var scratch: [Tensor] = []

  package init(pool: ThreadPool, reduction: any BatchReduction) {
    self.pool = pool
    self.reduction = reduction
  }

  /// Makes each worker's scratch area at least `count` Floats.
  func reserveScratch(_ count: Int) {
    if let area = scratch.first, area.count >= count { return }
    scratch = (0..<pool.threadCount).map { _ in Tensor(Shape(n: 1, c: count)) }
  }

  /// Runs `body` over groups of at most `groupSize` consecutive images of `count`, each with its worker's scratch area.
  func forEachGroup(
    of count: Int, size groupSize: Int, _ body: (_ images: Range<Int>, _ scratch: UnsafeMutablePointer<Float>) -> Void
  ) {
    pool.forEach((count + groupSize - 1) / groupSize) { group, worker in
      let first = group * groupSize
      body(first..<min(count, first + groupSize), scratch[worker].pointer)
    }
  }
}
