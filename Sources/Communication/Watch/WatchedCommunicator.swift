// A communicator whose collectives the other ranks of the host can see.

import Failures

/// Passes every collective on, and notes its beginning and end in the rank's record.
package final class WatchedCommunicator: Communicator {
  /// A collective, as a record holds it.
  package enum Call: Int, Sendable {
    case reduce = 1, broadcast, gather, exchange, barrier

    /// For a message.
    var words: String {
      switch self {
      case .reduce: "a sum"
      case .broadcast: "a broadcast"
      case .gather: "an all-gather"
      case .exchange: "an exchange"
      case .barrier: "a barrier"
      }
    }
  }

  private let base: any Communicator
  private let heartbeat: Heartbeat

  package init(_ base: any Communicator, _ heartbeat: Heartbeat) {
    self.base = base
    self.heartbeat = heartbeat
  }

  package var rank: Int { base.rank }
  package var size: Int { base.size }
  package var nodeRank: Int { base.nodeRank }
  package var nodeSize: Int { base.nodeSize }
  package var hostName: String { base.hostName }

  private func within(_ call: Call, _ body: () throws -> Void) rethrows {
    heartbeat.begin(call)
    defer { heartbeat.end() }
    try body()
  }

  package func allReduceSum(_ values: UnsafeMutableBufferPointer<Int64>) throws {
    try within(.reduce) { try base.allReduceSum(values) }
  }

  package func allReduceMaximum(_ values: UnsafeMutableBufferPointer<Int64>) throws {
    try within(.reduce) { try base.allReduceMaximum(values) }
  }

  package func allReduceMinimum(_ values: UnsafeMutableBufferPointer<Int64>) throws {
    try within(.reduce) { try base.allReduceMinimum(values) }
  }

  package func allReduceSum(_ values: UnsafeMutableBufferPointer<Float>) throws {
    try within(.reduce) { try base.allReduceSum(values) }
  }

  package func broadcast(_ bytes: UnsafeMutableRawBufferPointer, from root: Int) throws {
    try within(.broadcast) { try base.broadcast(bytes, from: root) }
  }

  package func allGather(
    _ bytes: UnsafeRawBufferPointer, into gathered: UnsafeMutableRawBufferPointer, counts: [Int]
  ) throws {
    try within(.gather) { try base.allGather(bytes, into: gathered, counts: counts) }
  }

  package func exchange(
    _ values: UnsafeBufferPointer<Float>, _ blocks: BlockList,
    into received: UnsafeMutableBufferPointer<Float>, _ receivedBlocks: BlockList
  ) throws {
    try within(.exchange) { try base.exchange(values, blocks, into: received, receivedBlocks) }
  }

  package func barrier() throws { try within(.barrier) { try base.barrier() } }

  package func makeNodeBoard() throws -> NodeBoard { try base.makeNodeBoard() }

  package func abort(_ code: ExitCode) -> Never { base.abort(code) }
}
