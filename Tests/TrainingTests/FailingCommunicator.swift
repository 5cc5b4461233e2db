// A rank that dies in the middle of its work, or whose memory fails.

import Communication
import Failures

/// What the rank that dies throws.
struct Death: Error {}

/// A communicator whose collectives throw once a condition holds.
final class FailingCommunicator: Communicator {
  private let base: any Communicator
  private let isDead: @Sendable () -> Bool
  private let damage: @Sendable (UnsafeMutableRawBufferPointer) -> Void

  /// - Parameters:
  ///   - isDead: asked before each collective.
  ///   - damage: is shown what each all-gather has put together.
  init(
    _ base: any Communicator, when isDead: @escaping @Sendable () -> Bool = { false },
    damage: @escaping @Sendable (UnsafeMutableRawBufferPointer) -> Void = { _ in }
  ) {
    self.base = base
    self.isDead = isDead
    self.damage = damage
  }

  private func live() throws { if isDead() { throw Death() } }

  var rank: Int { base.rank }
  var size: Int { base.size }
  var nodeRank: Int { base.nodeRank }
  var nodeSize: Int { base.nodeSize }
  var hostName: String { base.hostName }

  func allReduceSum(_ values: UnsafeMutableBufferPointer<Int64>) throws {
    try live()
    try base.allReduceSum(values)
  }

  func allReduceMaximum(_ values: UnsafeMutableBufferPointer<Int64>) throws {
    try live()
    try base.allReduceMaximum(values)
  }

  func allReduceMinimum(_ values: UnsafeMutableBufferPointer<Int64>) throws {
    try live()
    try base.allReduceMinimum(values)
  }

  func allReduceSum(_ values: UnsafeMutableBufferPointer<Float>) throws {
    try live()
    try base.allReduceSum(values)
  }

  func broadcast(_ bytes: UnsafeMutableRawBufferPointer, from root: Int) throws {
    try live()
    try base.broadcast(bytes, from: root)
  }

  func allGather(
    _ bytes: UnsafeRawBufferPointer, into gathered: UnsafeMutableRawBufferPointer, counts: [Int]
  ) throws {
    try live()
    try base.allGather(bytes, into: gathered, counts: counts)
    damage(gathered)
  }

  func exchange(
    _ values: UnsafeBufferPointer<Float>, _ blocks: BlockList,
    into received: UnsafeMutableBufferPointer<Float>, _ receivedBlocks: BlockList
  ) throws {
    try live()
    try base.exchange(values, blocks, into: received, receivedBlocks)
  }

  func barrier() throws {
    try live()
    try base.barrier()
  }

  func makeNodeBoard() throws -> NodeBoard {
    try live()
    return try base.makeNodeBoard()
  }

  func abort(_ code: ExitCode) -> Never { base.abort(code) }
}
