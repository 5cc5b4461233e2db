// What bounds every layer: the multiply-adds a core can do, and the bytes that memory delivers.

import CPlatform
import Communication
import Kernels
import Parallelism
import Tensors

/// Peak and bandwidth of all ranks, measured at the same time on all of them.
struct MachineLimits: Encodable {
  /// GFLOP/s of multiply-adds in registers, threads and ranks together.
  let peakGflops: Double
  /// GB/s from and to memory, ranks together; nil where it was not measured.
  let bandwidth: Double?

  /// Measures for about a second; a call of all ranks.
  init(_ pool: ThreadPool, _ communicator: any Communicator, bandwidth: Bool) throws {
    peakGflops = try Self.peak(pool, communicator)
    self.bandwidth = bandwidth ? try Self.bandwidth(pool, communicator) : nil
  }

  /// In slices longer than those of the scheduler, so that ranks that share a core show half its speed.
  private static func peak(_ pool: ThreadPool, _ communicator: any Communicator) throws -> Double {
    var best = 0.0
    for _ in 0..<7 {
      try communicator.barrier()
      var rates = [Double](repeating: 0, count: pool.concurrency)
      rates.withUnsafeMutableBufferPointer { rates in
        // Safe: each piece writes its own place.
        nonisolated(unsafe) let rates = rates
        pool.forEach(pool.concurrency) { piece, _ in rates[piece] = peakSlice(0.05) }
      }
      best = max(best, try communicator.sum(rates.reduce(0, +)))
    }
    return best
  }

  private static func peakSlice(_ seconds: Double) -> Double {
    let start = platform_seconds()
    var rounds = 0
    var now = start
    while now - start < seconds {
      _ = PeakProbe.run(rounds: 10_000)
      rounds += 10_000
      now = platform_seconds()
    }
    return Double(rounds * PeakProbe.flops) / (now - start) / 1e9
  }

  /// GB/s of a += b over arrays that no cache holds, all ranks together: three times their bytes.
  static func bandwidth(_ pool: ThreadPool, _ communicator: any Communicator) throws -> Double {
    let bytes = min(max(64 << 20, 4 * platform_cache_bytes(3) / communicator.nodeSize), 256 << 20)
    let count = bytes / 4
    let (a, b) = (Storage(count: count), Storage(count: count))
    let piece = (count + pool.threadCount - 1) / pool.threadCount
    func sweep() {
      pool.forEach(pool.threadCount) { i, _ in
        let first = min(i * piece, count)
        Elementwise.add(a.base + first, b.base + first, count: min(piece, count - first))
      }
    }
    a.base.update(repeating: 1, count: count)
    b.base.update(repeating: 1, count: count)
    var best = 0.0
    for _ in 0..<5 {
      try communicator.barrier()
      let start = platform_seconds()
      sweep()
      best = max(best, try communicator.sum(Double(3 * bytes) / (platform_seconds() - start) / 1e9))
    }
    return best
  }
}
