// Times of the two exchanges that a training step makes, for the docs: the gradients and the BatchNorm moments.

import Communication
import Parallelism

/// Wall times over a group, least and mean of some repeats, as rank 0 sees them.
enum Timing {
  static func run(_ group: any Communicator) throws {
    let layout = ShardLayout(batchSize: 128, shardSize: 8)
    for blockLength in [1 << 16, 1 << 20, 1 << 22] {
      let reduction = TreeReduction(communicator: group, blockLength: blockLength)
      let length = 11_250_000
      let own = reduction.ownNodes(of: layout).map { _ in
        UnsafeMutableBufferPointer<Float>.allocate(capacity: length)
      }
      defer { for buffer in own { buffer.deallocate() } }
      for buffer in own { buffer.initialize(repeating: 0.5) }
      try time("sum of 45 MB, blocks of \(blockLength)", group, repeats: 8) {
        try reduction.sum(own, layout: layout, into: own[0])
        for buffer in own { buffer[0] = 0.5 }
      }
    }
    let reduction = TreeReduction(communicator: group)
    for channels in [64, 128, 256, 512] {
      let width = 3 * channels
      let own = [Double](repeating: 1, count: reduction.ownNodes(of: layout).count * width)
      try time("moments of \(channels) channels", group, repeats: 500) {
        try own.withUnsafeBufferPointer {
          _ = try reduction.total($0, width: width, layout: layout) { a, b in
            for i in 0..<width { a[i] += b[i] }
          }
        }
      }
    }
  }

  private static func time(_ what: String, _ group: any Communicator, repeats: Int, _ body: () throws -> Void) throws {
    for _ in 0..<2 { try body() }
    var times: [Double] = []
    for _ in 0..<repeats {
      try group.barrier()
      let took = try ContinuousClock().measure(body)
      times.append(Double(took.components.seconds) * 1e6 + Double(took.components.attoseconds) * 1e-12)
    }
    guard group.rank == 0 else { return }
    print("\(what): \(Int(times.min()!)) us, mean \(Int(times.reduce(0, +) / Double(repeats)))")
  }
}
