// A group of one: every collective is the identity.

import Failures
import Glibc

/// One process without MPI.
package final class SoloCommunicator: Communicator {
  package let rank = 0
  package let size = 1
  package let nodeRank = 0
  package let nodeSize = 1
  package let hostName = currentHostName()

  package init() {}

  package func allReduceSum(_ values: UnsafeMutableBufferPointer<Int64>) {}
  package func allReduceMaximum(_ values: UnsafeMutableBufferPointer<Int64>) {}
  package func allReduceMinimum(_ values: UnsafeMutableBufferPointer<Int64>) {}

  package func allReduceSum(_ values: UnsafeMutableBufferPointer<Float>) {}

  package func broadcast(_ bytes: UnsafeMutableRawBufferPointer, from root: Int) throws {
    try Contract.broadcast(root: root, size: size)
  }

  package func allGather(
    _ bytes: UnsafeRawBufferPointer, into gathered: UnsafeMutableRawBufferPointer, counts: [Int]
  ) throws {
    try Contract.allGather(bytes.count, room: gathered.count, counts: counts, rank: rank, size: size)
    gathered.copyMemory(from: bytes)
  }

  package func exchange(
    _ values: UnsafeBufferPointer<Float>, _ blocks: BlockList,
    into received: UnsafeMutableBufferPointer<Float>, _ receivedBlocks: BlockList
  ) throws {
    try Contract.exchange(blocks, length: values.count, rank: rank, size: size)
    try Contract.exchange(receivedBlocks, length: received.count, rank: rank, size: size)
    guard blocks.counts == receivedBlocks.counts else {
      throw Failure(.internal, "an exchange sends \(blocks.counts[0]) numbers and expects \(receivedBlocks.counts[0])")
    }
    guard blocks.counts[0] > 0 else { return }
    _ = received.extracting(receivedBlocks[0]).update(fromContentsOf: values.extracting(blocks[0]))
  }

  package func barrier() {}

  package func makeNodeBoard() -> NodeBoard { NodeBoard() }

  package func abort(_ code: ExitCode) -> Never { exit(code.rawValue) }
}
